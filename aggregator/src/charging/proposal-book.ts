/**
 * Proposals by number, in the store: what a night proposes is replayed as `reupload --proposal 3`, so that no log and no
 * message has to name a whole MAC address. A number is never given twice, and stays as long as it is proposed.
 */
import { addDays, type LocalDay, type Mac, parseLocalDay, parseMac } from '@presences/shared'
import { z } from 'zod'
import { UsageError } from '../arguments/usage-error.ts'
import { type Aside, readNote } from '../store/notes.ts'
import { type Store, StoreError } from '../store/store.ts'
import { PROPOSED_DAYS, type Proposal } from './proposals.ts'

/** A proposal, and its number; `undefined`: the book can't be used. */
export interface NumberedProposal extends Proposal {
  readonly number: number | undefined
}

/** What is replayed by a number. */
export interface ProposedReplay {
  readonly mac: Mac
  readonly from: LocalDay
  readonly to: LocalDay
}

interface BookDeps {
  readonly store: Store
  readonly today: LocalDay
  readonly aside: Aside
}

const KEY = 'jobs/proposals.json'
const day = z.custom<LocalDay>(
  (text) => typeof text === 'string' && parseLocalDay(text) !== undefined,
)
const mac = z.custom<Mac>((text) => typeof text === 'string' && parseMac(text) === text)
const schema = z.object({
  version: z.literal(1),
  /** The number of the next one that is new. */
  next: z.int().min(1),
  proposals: z.array(
    z.object({ number: z.int().min(1), mac, email: z.string(), from: day, to: day, toldOn: day }),
  ),
})
type Book = z.output<typeof schema>

/** Gives each proposal its number: the one it had, or a new one. A book that can't be used keeps nobody from being told. */
export async function numberProposals(
  proposals: readonly Proposal[],
  deps: BookDeps,
): Promise<NumberedProposal[]> {
  if (proposals.length === 0) return []
  try {
    const book = (await readNote(deps.store, KEY, schema, deps.aside)) ?? EMPTY
    const { numbered, next } = numberIn(book, proposals, deps.today)
    await deps.store.put(KEY, Buffer.from(JSON.stringify(next)))
    return numbered
  } catch (error) {
    if (!(error instanceof StoreError)) throw error
    return proposals.map((proposal) => ({ ...proposal, number: undefined }))
  }
}

/** What `number` stands for. Throws UsageError when it stands for nothing, StoreError. */
export async function proposalOf(
  number: number,
  { store, aside }: Pick<BookDeps, 'store' | 'aside'>,
): Promise<ProposedReplay> {
  const book = await readNote(store, KEY, schema, aside)
  const found = book?.proposals.find((each) => each.number === number)
  if (found) return found
  throw new UsageError(
    `There is no proposal ${number}: the log of the last night has those there are ("Registered late: …")`,
  )
}

const EMPTY: Book = { version: 1, next: 1, proposals: [] }

/** Pure. Those that are not proposed any more are kept as long as a late registration is looked for: a log is read later. */
function numberIn(
  book: Book,
  proposals: readonly Proposal[],
  today: LocalDay,
): { numbered: NumberedProposal[]; next: Book } {
  const kept = new Map(book.proposals.map((each) => [`${each.mac} ${each.email}`, each]))
  let { next } = book
  const numbered = proposals.map((proposal) => {
    const key = `${proposal.mac} ${proposal.email}`
    const number = kept.get(key)?.number ?? next++
    const days = proposal.days.map((each) => each.day).sort()
    const from = days[0] ?? today
    const to = days.at(-1) ?? today
    kept.set(key, { number, mac: proposal.mac, email: proposal.email, from, to, toldOn: today })
    return { ...proposal, number }
  })
  const since = addDays(today, -PROPOSED_DAYS)
  const left = [...kept.values()].filter(({ toldOn }) => toldOn >= since)
  return { numbered, next: { version: 1, next, proposals: left } }
}
