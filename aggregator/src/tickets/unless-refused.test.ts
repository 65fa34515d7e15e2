import { expect, test } from 'vitest'
import { TicketsError } from './tickets.ts'
import { unlessRefused } from './unless-refused.ts'

function asked<Answer>(answer: Promise<Answer>) {
  const warnings: string[] = []
  const log = { warn: (message: string) => warnings.push(message) }
  return { answer: unlessRefused(answer, log), warnings }
}

test('an answer is passed on', async () => {
  const { answer, warnings } = asked(Promise.resolve(0))
  expect(await answer).toBe(0)
  expect(warnings).toEqual([])
})

test('what the ticket server can not answer is a warning, and no answer', async () => {
  const { answer, warnings } = asked(Promise.reject(new TicketsError('unreachable', 'it is down')))
  expect(await answer).toBeUndefined()
  expect(warnings).toEqual(['it is down'])
})

test('a fault of the program is no answer of the ticket server', async () => {
  const { answer, warnings } = asked(Promise.reject(new TypeError('x is not a function')))
  await expect(answer).rejects.toThrow(TypeError)
  expect(warnings).toEqual([])
})
