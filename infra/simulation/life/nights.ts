/** The evenings: boxes ship, the nightly run charges, others are under way, administrators do what is left. */
import type { Random } from '../../random.ts'
import { GARBLED } from '../box/old-box.ts'
import { mayLag } from '../faults/faults.ts'
import { judgeCovered } from '../judge/covered.ts'
import { judgeProposals } from '../judge/replays.ts'
import { dayAfter, daysThrough, instantAt } from '../runtime/civil-time.ts'
import type { Ran } from '../space/space.ts'
import { noticeActs, noticeAudit } from '../world/acts.ts'
import { allDevices, firstDaySeen } from '../world/world.ts'
import { byHand, failIn, mustWork, replayLate } from './administrator.ts'
import { expire, keepCopy, loseMembers, loseNote, loseRollup } from './bucket-care.ts'
import { closeDays } from './closings.ts'
import { acceptRooms, forge } from './forgery.ts'
import { judgeMissing, keepLedgers, loseLedger, rebuildLedger } from './ledger-care.ts'
import { askIn, type Life, runIn } from './life.ts'

export const SHIPPING = 22 * 60 + 10
const NIGHTLY = 22 * 60 + 15
const SLOW_MS = 2 * 3_600_000
/** Two hours before people act; one on the day whose clock skips from two to three. */
const EARLY = 60
/** A listing may lag behind for 72 hours: three days, or four where one has 23. */
const LAG_DAYS = 4

export async function night(day: string, life: Life, random: Random): Promise<void> {
  const { world, space, time, faults } = life
  await evening(day, life, random)
  await time.advanceTo(instantAt(day, NIGHTLY))
  await aheadOfTime(day, life, random.fork('ahead'))
  const doubt = doubtOn(day, life)
  const isSlow = slowOn(life, random.fork('slow'))
  const isTogether = !life.isCalm && random.chance(faults.overlap * (isSlow ? 0.8 : 0.4))
  const others = isTogether
    ? Array.from({ length: random.chance(0.3) ? 2 : 1 }, () => otherRun(day, life, random))
    : []
  const [ran] = await time.until(Promise.all([runIn(life, ['upload'], isTogether), ...others]))
  let last = ran
  const isInDoubt = doubt !== undefined && !isTogether && last === ran && space.isAuditDown()
  if (isInDoubt) world.doubts.set(ran.name, doubt)
  if (ran.code === 'killed' && random.chance(0.5)) {
    await time.advanceTo(time.now() + random.between(1, 40) * 60_000)
    last = await time.until(runIn(life, ['upload']))
  }
  if (life.isCalm && last.errors.includes('--accept-map')) {
    // Somebody has looked: the devices are truly gone.
    last = await time.until(runIn(life, ['upload', '--accept-map']))
  }
  judgeMissing(last, day, life)
  if (life.isCalm || random.fork('rebuild').chance(0.7)) last = await rebuildLedger(last, life)
  if (last.code === 0 || last.code === 1) {
    if (looksAtGarbled(day, life) && last.code === 0 && !space.isBehind())
      life.failures.push({ day, member: last.name, what: 'done, with a line that nobody can read' })
    const isTold = !life.isUntold
    notice(life, isInDoubt ? doubt.macs : new Set())
    keepCopy(day, life)
    keepLedgers(day, life)
    if (!isTogether && isTold) judgeCovered(last, day, space, world, failIn(life))
    await closeDays(day, last, life, random.fork('closings'))
  } else if (life.isCalm && !space.isCut() && space.bucket.firstKeys('presences/').length > 0) {
    life.failures.push({ day, member: 'nightly run', what: `ended with ${last.code}, in calm` })
  }
  await acceptRooms(last.errors, life)
  life.lastNightly = last
  life.hasFailed = last.code !== 0 && last.code !== 1
  if (random.chance(0.3)) await ship(dayAfter(day), life)
  if (random.chance(0.5)) await byHand(life, random)
}

/** Devices that passed from one member to another while no run looked, where nobody is told when. */
function doubtOn(day: string, { space, world }: Life) {
  const known = space.lastMapDay()
  if (!space.isAuditDown() || known === '' || world.forgotten.length > 0) return undefined
  const days = daysThrough(dayAfter(known), dayAfter(day, -1))
  const macs = allDevices(world).flatMap(({ mac, owners }) => {
    const before = owners.findLast(({ from }) => from <= known)?.member
    const now = owners.at(-1)
    const isSold = now?.member && before && now.member !== before && days.includes(now.from)
    return isSold ? [mac] : []
  })
  return macs.length > 0 ? { macs: new Set(macs), days } : undefined
}

/** An evening on which the ticket server takes its time: a run outlasts its lease, and others wait for it. */
function slowOn({ space, faults, isCalm, trail }: Life, random: Random): boolean {
  if (isCalm || !random.chance(faults['slow-tickets'] * 0.4)) return false
  const delayMs = random.between(4, 12) * 1000
  space.slow(SLOW_MS, delayMs)
  trail.note(`ticket server takes ${delayMs} ms`)
  return true
}

/** One of the days that a night looks at has such a line. */
function looksAtGarbled(day: string, life: Life): boolean {
  const { space, firstRunDay } = life
  const days = daysThrough(dayAfter(day, -space.catchUpDays), day)
  return days.some((each) => each >= firstRunDay && isGarbled(each, life))
}

/** A file of that day has come with the line. */
function isGarbled(day: string, { world, space: { bucket } }: Life): boolean {
  return (
    world.garbled.has(day) &&
    world.locations.some((room) => {
      const object = bucket.get(`presences/${room}/${day}`)
      return object !== undefined && Buffer.from(object.bytes).toString().includes(GARBLED)
    })
  )
}

/** A run ended well, and knows what people had done. */
function notice(life: Life, doubtful: ReadonlySet<string> = new Set()): void {
  const { world, space } = life
  const { wasAskedFor } = space
  noticeActs(world, space.lastMapDay(), { isTold: !life.isUntold, wasAskedFor, doubtful })
  life.isUntold = false
}

/** A machine whose clock is ahead, by more than is let pass, comes first: it does nothing. */
async function aheadOfTime(day: string, life: Life, random: Random): Promise<void> {
  const { space, faults, failures, time } = life
  if (life.isCalm || !random.chance(faults['clock-ahead'] * 0.15)) return
  const minutes = random.chance(0.3) ? random.between(16, 300) : random.between(1, 200) * 24 * 60
  const posts = space.posts.length
  const ran = await time.until(space.runAhead(['upload'], minutes * 60_000))
  const what = `with a clock ${minutes} minutes ahead ended with ${ran.code}`
  if (ran.code !== 3 && ran.code !== 'killed') failures.push({ day, member: ran.name, what })
  if (space.posts.length > posts)
    failures.push({ day, member: ran.name, what: `${what}, and posted` })
}

/** Before people act: somebody uploads the last days, so that two runs of one day see two maps. */
export async function earlyMorning(day: string, life: Life, random: Random): Promise<void> {
  const { time, firstRunDay } = life
  const from = dayAfter(day, -random.between(1, 4))
  if (from < firstRunDay || !random.chance(0.2)) return
  await time.advanceTo(instantAt(day, EARLY))
  const ran = await time.until(runIn(life, ['upload', '--from', from, '--to', dayAfter(day, -1)]))
  if (ran.code === 0 || ran.code === 1) notice(life)
}

/** An evening on which nothing runs; nor is anybody there who would do it by hand. */
export async function evening(day: string, life: Life, random: Random): Promise<void> {
  await shipAt(day, life)
  expire(life)
  loseRollup(day, life, random)
  loseNote(life, random.fork('note'))
  forge(day, life, random.fork('forgery'))
  loseMembers(life, random.fork('members'))
  loseLedger(life, random.fork('ledger'))
}

/** The space begins with this system: what was before the first run is asked of the audit, and charged by hand. */
export async function firstNight(day: string, firstDay: string, life: Life): Promise<void> {
  const { time, world } = life
  mustWork(await time.until(runIn(life, ['members', 'import-audit', '--from', firstDay])), life, [
    day,
  ])
  noticeAudit(world, day)
  // One of before the import would be imported into anew.
  keepCopy(day, life)
  const lastDay = dayAfter(day, -1)
  const before = ['upload', '--from', firstDay, '--to', lastDay]
  mustWork(await time.until(runIn(life, before)), life, daysThrough(firstDay, lastDay))
}

/** What administrators do in the end: the days that came too late, and every device that was registered late. */
export async function lastNight(today: string, life: Life, random: Random): Promise<void> {
  const isAllUploaded = [...life.byHand].every((day) => life.world.damaged.has(day))
  await byHand(life, random)
  const before = life.space.posts.length
  for (const device of allDevices(life.world)) {
    const from = device.isLate ? firstDaySeen(device.mac, life.world) : undefined
    if (from !== undefined) await replayLate(device.mac, from, today, life, random)
  }
  const { lastNightly, space } = life
  // Since when the devices of a first map are registered, or of one that was put back, no night can know.
  if (!lastNightly || !isAllUploaded || life.world.forgotten.length > 0) return
  // The first night looked back at days of before: those are for a person; and an old ledger may wait for an answer.
  const posts = space.posts
    .slice(before)
    .filter(({ date }) => date >= life.firstRunDay && !life.world.unkept.has(date))
  judgeProposals(lastNightly, posts, failIn(life))
}

/** Something an administrator does while the nightly run is under way. */
function otherRun(day: string, life: Life, random: Random): Promise<Ran> {
  const devices = allDevices(life.world)
  const from = dayAfter(day, -random.between(1, 20))
  if (random.chance(0.5)) {
    const { mac } = random.pick(devices)
    const period = `${from}..${day}`
    if (random.chance(0.5)) return askIn(life, 'POST', `/reupload/${mac}?period=${period}`, true)
    return runIn(life, ['reupload', mac, '--period', period], true)
  }
  if (random.chance(0.3)) return askIn(life, 'POST', `/upload/${day}`, true)
  return runIn(life, ['upload', '--from', from, '--to', day], true)
}

export async function shipAt(day: string, life: Life): Promise<void> {
  await life.time.advanceTo(instantAt(day, SHIPPING))
  await ship(day, life)
}

/** What comes later than the nightly run looks, by the one of `night` or when listings are sure to have it, is for a person. */
async function ship(
  night: string,
  { boxes, space, time, byHand, isCalm, faults }: Life,
): Promise<void> {
  const isLagging = !isCalm && mayLag(faults)
  const oldest = dayAfter(night, (isLagging ? LAG_DAYS : 0) - space.catchUpDays)
  for (const box of boxes) {
    for (const day of await box.ship(time.now())) if (day < oldest) byHand.add(day)
  }
}
