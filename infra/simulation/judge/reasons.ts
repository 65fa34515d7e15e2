/** Whether the reason of a decision is true. */
import { runOf, type StoredEntry } from '../bucket/stored-objects.ts'
import { localTime } from '../runtime/civil-time.ts'
import { type NotedPost, saidDone } from '../space/space.ts'
import { postingOf } from '../tickets/unanswered.ts'
import { isOpenSlot, possibleOwners, presenceOf } from '../world/truth.ts'
import { allDevices, type Correction, dayKey, emailOf, type Person } from '../world/world.ts'
import { wrongCause } from './causes.ts'
import type { JudgedDay } from './judged.ts'
import {
  correctionsBefore,
  emailsOfHuman,
  fromOthers,
  hasLateDevice,
  isOf,
  isStrange,
  lastCorrections,
  notLost,
  postsBefore,
  type Told,
} from './told.ts'

/** What is wrong when the pattern's reason is given; `undefined`: it is right. */
type Check = (told: Told, ...parts: string[]) => string | undefined

const CHECKS: readonly (readonly [StoredEntry['decision'], RegExp, Check])[] = [
  ['post', /^first charge: (\d+) slots?$/, firstCharge],
  ['post', /^more than the ([\d.]+) charged before: (\d+) slots?$/, moreThanCharged],
  ['post', /^more than the ([\d.]+) sent before without an answer: (\d+) slots?$/, moreThanSent],
  ['post', /^sent again: the answer to the last post was lost$/, sentAgain],
  ['skip', /^already so$/, alreadySo],
  ['skip', /^already so: the ticket server has it from elsewhere$/, fromElsewhere],
  ['skip', /^put back what (.+) set: (-?[\d.]+) \((.*)\)$/, putBack],
  ['skip', /^already so: (.+) set it \((.*)\)$/, setAlready],
  ['skip', /^(\d+) slots?: nothing to charge$/, nothingToCharge],
  ['skip', /^(\d+) slots with a device registered late: waits for a replay$/, waitsForReplay],
  ['hold', /^evidence says [\d.]+, (.+) set (-?[\d.]+): (.*)$/, setOtherwise],
  [
    'hold',
    /^(.+) set (-?[\d.]+) \((.*)\), but what the ticket server holds can't be read: nothing is written over it$/,
    setUnread,
  ],
  [
    'hold',
    /^(.+) set (-?[\d.]+) \((.*)\), but the ticket server holds ([\d.]+): put it back/,
    covered,
  ],
  ['hold', /^nobody to charge: .* is no member any more$/, noMember],
  ['hold', /, but the audit trail can't be read: a person may have corrected this day$/, noAudit],
  ['hold', /^the ticket server's own value for this day can't be read/, noStoredValue],
  ['hold', /^([\d.]+) was to be charged and never was, /, lostMeant],
  ['skip', /, ([\d.]+) was charged, but not all of the day could be read: it stays$/, notAllRead],
  ['hold', /, ([\d.]+) was charged: there is less data now than then;/, lessData],
  ['hold', /, ([\d.]+) was charged: what it was charged for is not known;/, unknownCause],
  ['hold', /, ([\d.]+) was charged: a device is not theirs;/, notTheirs],
  ['close', /^agreed by phone$/, saidBy],
  ['reopen', /^came back$/, saidBy],
]
const MEMBERS = '/api/members'
const POSTING = '/api/presence '
const AUDIT = /\/audit( |$)/
/** After so many posts of a day without an answer the others are not tried. */
const UNANSWERED_POSTS = 4
const CAUGHT_UP = / \(caught up: (.+)\)$/

/** In words why the reason is not right; `undefined` when it is. */
export function judgeReason(
  entry: StoredEntry,
  person: Person,
  judged: JudgedDay,
): string | undefined {
  const wrongBy = (emails: readonly string[]) => wrongIn({ ...judged, entry, person, emails })
  const wrong = wrongBy(person.emails)
  if (wrong === undefined) return undefined
  // Who comes back has the e-mail of before, and with it what was known of the ones before that.
  if (wrongBy(emailsOfHuman(person, judged.world)) === undefined) return undefined
  return isStrange(person, judged) ? wrongBy([entry.email]) && wrong : wrong
}

function wrongIn(told: Told): string | undefined {
  const { entry } = told
  const reason = entry.reason.replace(CAUGHT_UP, '')
  const [, cause] = CAUGHT_UP.exec(entry.reason) ?? []
  const isRefused = entry.outcome === 'refused' && !isRightlyRefused(told)
  if (isRefused) return `refused, though the ticket server did not: ${entry.answer}`
  for (const [decision, pattern, check] of CHECKS) {
    const match = pattern.exec(reason)
    if (decision !== entry.decision || !match) continue
    return check(told, ...match.slice(1)) ?? (cause && wrongCause(cause, told))
  }
  return 'nobody knows this reason'
}

/** An administrator said so, in that run. */
function saidBy({ entry }: Told): string | undefined {
  return /^close\d+$/.test(runOf(entry)) ? undefined : 'nobody said that'
}

function firstCharge(told: Told, slots = ''): string | undefined {
  // Who comes back is another member, of whom the ticket server has nothing.
  const before = postsBefore(told).find(
    (post) => post.memberId === told.person.id && !isAbout(post, told),
  )
  if (before) return `${before.program} had posted ${before.amount}`
  return wrongSlots(slots, told)
}

function moreThanCharged(told: Told, amount = '', slots = ''): string | undefined {
  return notLast(amount, told) ?? wrongSlots(slots, told)
}

function moreThanSent(told: Told, amount = '', slots = ''): string | undefined {
  return notLost(told, Number(amount)) ?? wrongSlots(slots, told)
}

function sentAgain(told: Told): string | undefined {
  return notLost(told, told.entry.computed)
}

function alreadySo(told: Told): string | undefined {
  return notLast(String(told.entry.computed), told)
}

/** A person set it; or we posted it to somebody that nothing links to who they are now. */
function fromElsewhere(told: Told): string | undefined {
  const { entry, person, day } = told
  // The server shows 0 on a trial day, and so what of a post without an answer is ours can't be told from it.
  const isTrialOfOurs = person.trialDays.has(day) && postsBefore(told).length > 0
  const isKnown =
    (entry.computed === 0 && isTrialOfOurs) || fromOthers(told).includes(entry.computed)
  return isKnown ? undefined : 'nobody had set that'
}

function setAlready(told: Told, who = '', comment = ''): string | undefined {
  return notSetBy(told, who, String(told.entry.computed), comment)
}

/** A person had set it, and a post of ours covered it. */
function putBack(told: Told, who = '', value = '', comment = ''): string | undefined {
  if (!told.space.isRestoring) return 'nobody wanted that'
  return notSetBy(told, who, value, comment.trim() || 'no comment')
}

function setOtherwise(told: Told, who = '', value = '', comment = ''): string | undefined {
  return notSetBy(told, who, value, comment)
}

function setUnread(told: Told, who = '', value = '', comment = ''): string | undefined {
  return notSetBy(told, who, value, comment) ?? noStoredValue(told)
}

/** A person set one value, and the server held another one at that time. */
function covered(told: Told, who = '', value = '', comment = '', held = ''): string | undefined {
  return notSetBy(told, who, value, comment) ?? notHeld(Number(held), told)
}

/** What the server held: the last that was posted or set before the run began, or any that was while it ran. */
function notHeld(held: number, told: Told): string | undefined {
  const { person, day, space, world, entry } = told
  const [from, to] = space.ran.get(runOf(entry))?.orders ?? [0, 0]
  const posts = space.posts.filter(({ memberId, date }) => memberId === person.id && date === day)
  const isTrial = person.trialDays.has(day)
  const events = [
    ...posts.map(({ order, amount }) => ({ order, value: isTrial ? 0 : amount })),
    ...(world.corrections.get(dayKey(person.id, day)) ?? []),
  ].sort((a, b) => a.order - b.order)
  const before = events.findLast(({ order }) => order <= from)?.value ?? 0
  const meanwhile = events.filter(({ order }) => order > from && order <= to)
  const possible = [before, ...meanwhile.map(({ value }) => value)]
  return possible.includes(held) ? undefined : `it held ${possible.join(' or ')}`
}

function noMember({ person, entry }: Told): string | undefined {
  const today = localTime(Date.parse(entry.at)).day
  return person.leftOn !== undefined && person.leftOn <= today ? undefined : 'they are a member'
}

function nothingToCharge(told: Told, slots = ''): string | undefined {
  return told.entry.computed === 0 ? wrongSlots(slots, told) : 'that is something'
}

function waitsForReplay(told: Told): string | undefined {
  return hasLateDevice(told) ? undefined : 'no device was registered late'
}

/**
 * The server's own word for a fault ends a question at its first attempt: then each member's trail is asked for, so that
 * something else must have failed too. With a member who is no more much fails for good.
 */
function noAudit({ entry, space, world }: Told): string | undefined {
  const questions = space.ran.get(runOf(entry))?.questions
  if (!questions) return 'nobody asked'
  const { failedOnce, givenUp } = questions
  const failed = [...failedOnce].filter((each) => each === MEMBERS || AUDIT.test(each))
  const ranOn = localTime(Date.parse(entry.at)).day
  const hasGone = world.people.some(({ leftOn }) => leftOn !== undefined && leftOn <= ranOn)
  const isGivenUp = failed.some((each) => givenUp.has(each))
  return (hasGone ? failed.length > 0 : isGivenUp || failed.length > 1)
    ? undefined
    : 'it could be read'
}

function noStoredValue({ entry, space, world }: Told): string | undefined {
  const unanswered = space.ran.get(runOf(entry))?.questions.unanswered
  const own = world.people.filter(({ emails }) => emails.includes(entry.email))
  const needed = [MEMBERS, ...own.map(({ id }) => `/api/members/${id}/activity`)]
  if (needed.some((each) => unanswered?.has(each))) return undefined
  const today = localTime(Date.parse(entry.at)).day
  const isMember = world.people.some(
    (person) =>
      emailOf(person) === entry.email &&
      person.joinedOn <= today &&
      (person.leftOn === undefined || person.leftOn > today),
  )
  return isMember ? 'it could be asked' : undefined
}

function lessData(told: Told, amount = ''): string | undefined {
  // By a history that was lost, or put back, a device may have been nobody's.
  if (told.world.forgotten.length > 0) return notLast(amount, told)
  if (!told.space.mayForget(told.day)) return 'nothing was ever lost of that day'
  const { possible } = presenceOf(told.person, told.day, told.world)
  const slots = new Set(told.entry.evidence.slots)
  const isMissing = [...possible].some((slot) => !slots.has(slot))
  return notLast(amount, told) ?? (isMissing ? undefined : 'all that was seen is there')
}

function notAllRead(told: Told, amount = ''): string | undefined {
  if (saidDone(told.space.ran.get(runOf(told.entry)))) return 'its run left nothing undone'
  return notLast(amount, told)
}

/** It was meant by an entry before, nothing as high was posted last, and some of what it was for may be gone. */
function lostMeant(told: Told, amount = ''): string | undefined {
  const { ledger, entry, day, space, world } = told
  const wasMeant = ledger.entries.some(
    (each) => each.at < entry.at && each.computed === Number(amount) && isOf(each, told),
  )
  if (!wasMeant) return 'it was never to be charged'
  if (world.forgotten.length > 0 || space.mayForget(day)) return undefined
  return 'nothing was ever lost of that day'
}

function unknownCause(told: Told, amount = ''): string | undefined {
  const values = [...postsBefore(told), ...correctionsBefore(told)]
  return values.some((each) => amountIn(each) === Number(amount))
    ? undefined
    : 'nobody charged that'
}

function notTheirs(told: Told, amount = ''): string | undefined {
  const { day, person, world, ledger } = told
  // By a history that was lost, or put back, meanwhile they were not.
  if (world.forgotten.length > 0) return notLast(amount, told)
  const own = ledger.entries.filter((each) => isOf(each, { person, emails: person.emails, world }))
  const macs = own.flatMap(({ evidence }) => evidence.devices.map(({ mac }) => mac))
  const hasGone = allDevices(world).some((device) => {
    if (!macs.includes(device.mac)) return false
    const owners = [...possibleOwners(device, day)]
    return owners.some((owner) => owner?.human !== person.human)
  })
  return notLast(amount, told) ?? (hasGone ? undefined : 'every device is theirs')
}

/** A server's no, or none at all: posts before it were left without an answer, or the run broke off. */
function isRightlyRefused({ entry, day, space }: Told): boolean {
  const { answer = '', email } = entry
  const ran = space.ran.get(runOf(entry))
  if (/this run had to stop/.test(answer)) return !saidDone(ran)
  const unanswered = [...(ran?.questions.unanswered ?? [])]
  if (!answer.startsWith('not tried: ')) return unanswered.includes(postingOf(email, day))
  const posts = unanswered.filter((each) => each.startsWith(POSTING) && each.endsWith(` ${day}`))
  return posts.length >= UNANSWERED_POSTS
}

function wrongSlots(slots: string, { entry: { evidence } }: Told): string | undefined {
  const open = evidence.slots.filter(isOpenSlot).length
  return Number(slots) === open ? undefined : `it was ${open} slots`
}

/** The amount is not the last one that this system stored. */
function notLast(amount: string, told: Told): string | undefined {
  const posts = postsBefore(told)
  const last = posts.at(-1)
  const isLast = posts.some((post) => isAbout(post, told) && post.amount === Number(amount))
  if (!last && fromOthers(told).includes(Number(amount))) return undefined
  if (last?.amount === Number(amount) || isLast) return undefined
  return `${last ? last.amount : 'nothing'} had been charged`
}

/** A post at the very instant of the decision: which was first can't be told from the instants. */
function isAbout({ at }: NotedPost, { entry }: Told): boolean {
  return at === Date.parse(entry.at)
}

/** The last that was set; an earlier one, where the last could not be read, or is of who they are now. */
function notSetBy(told: Told, who: string, value: string, comment: string): string | undefined {
  const all = correctionsBefore(told)
  const isRead = noAudit(told) !== undefined && !isStrange(told.person, told)
  const isSet = (isRead ? lastCorrections(told) : all).some(
    (correction) =>
      correction.value === Number(value) &&
      (correction.author ?? 'a person') === who &&
      (correction.comment || 'no comment') === comment,
  )
  return isSet ? undefined : 'nobody had set that'
}

function amountIn(each: NotedPost | Correction): number {
  return 'value' in each ? each.value : each.amount
}
