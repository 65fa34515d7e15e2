/** What was measured, as lines of a table. */
import type { Row } from './bench-context.ts'

const NAME_WIDTH = 36
const TIME_WIDTH = 26

/** What the columns are. */
export function formatHeading(): string {
  return `${'median of paired runs'.padEnd(NAME_WIDTH)}${'ours'.padEnd(TIME_WIDTH)}${'baseline'.padEnd(TIME_WIDTH)}ratio (min-max), target`
}

/** One row of the table. */
export function formatRow(row: Row): string {
  const name = row.name.padEnd(NAME_WIDTH)
  if ('fact' in row) return `${name}${row.fact}`
  const { baselineMs, oursMs, ratio, lowestRatio, highestRatio } = row.comparison
  const ours = formatMs(oursMs).padEnd(TIME_WIDTH)
  const baseline = `${formatMs(baselineMs)} ${row.baseline}`.padEnd(TIME_WIDTH)
  const noise = `${lowestRatio.toFixed(2)}-${highestRatio.toFixed(2)}`
  const verdict = ratio <= row.target ? 'met' : 'MISSED'
  return `${name}${ours}${baseline}${ratio.toFixed(2)} (${noise}), at most ${row.target}: ${verdict}`
}

function formatMs(ms: number): string {
  return `${ms.toFixed(0)} ms`
}
