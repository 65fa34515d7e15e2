/** What people act on, and what they know of the day. */
import type { TicketState } from '@presences/aggregator/testing/stand-ins/tickets/state.ts'
import type { Random } from '../../random.ts'
import type { Faults } from '../faults/faults.ts'
import type { World } from './world.ts'

export interface ActDeps {
  readonly world: World
  readonly state: TicketState
  readonly random: Random
  readonly faults: Faults
  readonly firstDay: string
  /** The place of what is done now among all that was asked and done at the ticket server. */
  readonly order: number
  /** The last day on which a run was given the member map. */
  readonly lastMapDay: string
  /** No run has been yet: much happens that only the audit trail can tell. */
  readonly isPrologue: boolean
  /** Last night nobody was charged: what is still to be posted meets who is no more. */
  readonly hasFailed: boolean
  /** No run will see this evening's map. */
  readonly isDark: boolean
  /** The audit trail can't be read today. */
  readonly isAuditDown: boolean
  readonly note: (line: string) => void
}
