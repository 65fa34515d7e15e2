/** What comes in by path and query. Days and MACs are read by the same functions as on the command line. */
import { z } from '@hono/zod-openapi'

export const DateParam = z.string().openapi({
  description: 'A civil day that is not in the future, YYYY-MM-DD',
  example: '2026-11-20',
  pattern: '^\\d{4}-\\d{2}-\\d{2}$',
})

export const MacParam = z.string().openapi({
  description: 'A MAC address in any usual spelling',
  example: 'AA-BB-CC-DD-EE-FF',
})

export const PeriodQuery = z.string().optional().openapi({
  description: 'YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DD..YYYY-MM-DD; this year when left out',
  example: '2026-11',
})

/** What a run may be told, as on the command line. */
export const chargeQuery = {
  wait: flag('wait', 'Hold the answer until the work is done; every answer is held for now'),
  'allow-lower': flag(
    'allow-lower',
    'Post an amount lower than what was charged, where the cause is known',
  ),
  'accept-map': flag('accept-map', 'Take a member map that lost more than half of its devices'),
}

function flag(name: string, description: string) {
  return z.enum(['0', '1'], `${name} must be 0 or 1`).default('0').openapi({ description })
}
