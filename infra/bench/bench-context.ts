/** What a bench is given, and what it gives. */
import type { Comparison } from './compare.ts'

export interface BenchContext {
  /** The workspace: its bundles are what is measured. */
  readonly root: string
  /** An empty folder that is gone afterwards. */
  readonly folder: string
  /** Aborted when the run is interrupted: programs under way are ended. */
  readonly signal: AbortSignal
  readonly print: (row: Row) => void
}

/** A measurement against its target, or a fact that was counted. */
export type Row =
  | {
      readonly name: string
      readonly baseline: string
      readonly comparison: Comparison
      /** Our time is to be at most this many times the baseline's. */
      readonly target: number
    }
  | { readonly name: string; readonly fact: string }

/** Throws for a program that fails or gives a wrong answer. */
export type Bench = (context: BenchContext) => Promise<void>
