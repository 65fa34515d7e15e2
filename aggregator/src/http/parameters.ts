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

/** `?wait=1` holds the answer until the work is done, which is what is always done for now. */
export const WaitQuery = z.enum(['0', '1'], 'wait must be 0 or 1').optional().openapi({
  description: 'Hold the answer until the work is done; every answer is held for now',
})
