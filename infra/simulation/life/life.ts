/** A world under way: its machines, and what is still to be done by hand. */

import type { Box } from '../box/box.ts'
import type { Faults } from '../faults/faults.ts'
import type { Failure } from '../runtime/failure.ts'
import type { Trail } from '../runtime/trail.ts'
import type { VirtualTime } from '../runtime/virtual-time.ts'
import type { Ran, Space } from '../space/space.ts'
import type { World } from '../world/world.ts'

export interface Life {
  readonly world: World
  readonly space: Space
  readonly boxes: readonly Box[]
  readonly time: VirtualTime
  readonly trail: Trail
  readonly faults: Faults
  readonly counts: { runs: number; killed: number; posts: number }
  /** What went wrong by itself, before the judge. */
  readonly failures: Failure[]
  /** The day of the first night; earlier ones no night looks at again by itself. */
  readonly firstRunDay: string
  /** The last nightly run. */
  lastNightly: Ran | undefined
  /** It did not come to an end. */
  hasFailed: boolean
  /** Some run since the last one that ended well could not ask what was done while none looked. */
  isUntold: boolean
  /** Nothing goes wrong now. */
  isCalm: boolean
  /** Days whose files came too late for the nightly run: an administrator uploads them by hand. */
  readonly byHand: Set<string>
  /** What was kept of the history of members, by the day of its last map. */
  readonly copies: Map<string, Uint8Array>
  /** What was kept of `ledger/`, by the day of the night that wrote it. */
  readonly ledgers: Map<string, ReadonlyMap<string, Uint8Array>>
  /** Days that have lost their ledger, and when, as an order: until it is made again nobody may be charged on them. */
  readonly missing: Map<string, number>
  /** The command that makes a ledger again and did not do so wholly. */
  unmade: readonly string[]
}

/** What must have been answered at once, for a run to know who did what: where all can't be asked for, each member. */
const UNTOLD = /^\/api\/members(\/.*\/audit)?$/

export async function runIn(life: Life, args: readonly string[], hasCompany = false): Promise<Ran> {
  return counted(life, await life.space.run(args, hasCompany))
}

export async function askIn(
  life: Life,
  method: 'GET' | 'POST',
  path: string,
  hasCompany = false,
): Promise<Ran> {
  return counted(life, await life.space.request(method, path, hasCompany))
}

function counted(life: Life, ran: Ran): Ran {
  const { counts } = life
  life.isUntold ||= [...ran.questions.failedOnce].some((each) => UNTOLD.test(each))
  counts.runs += 1
  if (ran.code === 'killed') counts.killed += 1
  return ran
}
