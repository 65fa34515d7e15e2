/** The ledger is lost, whole or in part, and somebody makes it again, as the programs say. */
import type { Random } from '../../random.ts'
import { HISTORY_KEY, ledgerIn, notedDays } from '../bucket/stored-objects.ts'
import type { Ran } from '../space/space.ts'
import { failIn } from './administrator.ts'
import { type Life, runIn } from './life.ts'

const PREFIX = 'ledger/'
const SAID = /presences-aggregator ledger rebuild((?: --(?:from|to) \S+)*)/
const NIGHTS_KEPT = 8

/** The night of `day` is over: what is in `ledger/` may be put back. */
export function keepLedgers(day: string, { space: { bucket }, ledgers, faults }: Life): void {
  if (faults['old-ledger'] === 0) return
  ledgers.set(day, new Map(bucket.list(PREFIX).map(({ key, bytes }) => [key, bytes])))
  for (const old of [...ledgers.keys()].slice(0, -NIGHTS_KEPT)) ledgers.delete(old)
}

/** All of it is lost, or a day, or what was written since a copy of some days ago; once, until it is made again. */
export function loseLedger(life: Life, random: Random): void {
  const { space, faults, isCalm, ledgers, missing, world } = life
  // One memory tells what another one has lost: where both are, nobody can know.
  if (
    isCalm ||
    missing.size > 0 ||
    world.forgotten.length > 0 ||
    !random.chance(faults['old-ledger'] * 0.12)
  )
    return
  const kinds = ['day', 'day', 'copy', 'copy', 'all'] as const
  const kind = random.pick(kinds)
  const [since = ''] = random.shuffle([...ledgers.keys()].slice(0, -1))
  // Without that history somebody must say since when they charge.
  const mayLoseAll = space.bucket.get(HISTORY_KEY) !== undefined
  if (kind === 'all' && mayLoseAll) replaceBy(new Map(), 'lost all ledgers', life)
  if (kind === 'copy' && since) {
    replaceBy(ledgers.get(since) ?? new Map(), `put back the ledgers of ${since}`, life)
  }
  if (kind === 'day') {
    const keys = space.bucket.list(PREFIX).map(({ key }) => key)
    const key = random.pick(keys.filter((each) => dayOf(each) !== undefined).slice(-12))
    const kept = space.bucket.list(PREFIX).filter((each) => each.key !== key)
    replaceBy(new Map(kept.map((each) => [each.key, each.bytes])), `lost ${key}`, life)
  }
}

/** A run of the night may not say that all is done, nor charge, where a ledger is missing. */
export function judgeMissing(ran: Ran, day: string, life: Life): void {
  const { missing, space, faults } = life
  const fail = failIn(life)
  for (const { date, order, program, amount } of space.posts) {
    const lostAt = missing.get(date)
    if (lostAt !== undefined && order > lostAt)
      fail(date, program, `posted ${amount} while the ledger was lost`)
  }
  // What is shown as it was before is not missed.
  if (missing.size === 0 || faults['stale-gets'] > 0) return
  const isDone = ran.code === 0 || ran.code === 1
  if (isDone && !SAID.test(ran.errors)) fail(day, ran.name, 'did not tell of a lost ledger')
}

/** Somebody does what the run said, again until it is done, and runs the night again. */
export async function rebuildLedger(said: Ran, life: Life): Promise<Ran> {
  const { time, isCalm, missing, space } = life
  const [isSaid, options = ''] = SAID.exec(said.errors) ?? []
  const begun = isSaid ? ['ledger', 'rebuild', ...options.split(' ').filter(Boolean)] : []
  const args = begun.length > 0 ? begun : life.unmade
  if (args.length === 0) return said
  const ran = await time.until(runIn(life, args))
  life.unmade = ran.code === 0 ? [] : args
  for (const day of missing.keys()) if (ledgerIn(space.bucket, day)) missing.delete(day)
  if (ran.code === 0 || ran.code === 1) return time.until(runIn(life, ['upload']))
  if (isCalm) failIn(life)('', ran.name, `ended with ${ran.code}, in calm`)
  return said
}

/** What is in `ledger/` is `copy` from now on. */
function replaceBy(copy: ReadonlyMap<string, Uint8Array>, what: string, life: Life): void {
  const { world, space, missing, trail } = life
  const { bucket } = space
  const noted = new Set(notedDays(bucket))
  const order = space.nextOrder()
  for (const { key, bytes } of [...bucket.list(PREFIX)]) {
    const kept = copy.get(key)
    if (kept && Buffer.compare(kept, bytes) === 0) continue
    // Not a write of a program: nobody is to blame for what it loses.
    bucket.remove(key)
    if (kept) bucket.put(key, kept)
    const day = dayOf(key)
    if (day === undefined) continue
    world.unkept.add(day)
    if (!kept && noted.has(day)) missing.set(day, order)
  }
  trail.note(what)
}

function dayOf(key: string): string | undefined {
  return /^ledger\/(\d{4}-\d{2}-\d{2})\.json\.gz$/.exec(key)?.[1]
}
