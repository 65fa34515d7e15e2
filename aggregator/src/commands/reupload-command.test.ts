/** What `reupload` may be asked for: a device, or the number of a proposal. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createSpace, type Space } from '../../testing/space.ts'

let space: Space & { close: () => Promise<void> }
beforeEach(async () => {
  space = await createSpace({})
})
afterEach(() => space.close())

test.each([
  [[], 'Give a MAC address, or --proposal and its number'],
  [['AA:00:00:00:00:01', '--proposal', '1'], 'Give a MAC address, or --proposal'],
  [['--proposal', '0'], '"0" is not the number of a proposal'],
  [['--proposal', '1e3'], '"1e3" is not the number of a proposal'],
  [['--proposal', '12'], 'There is no proposal 12'],
])('%j is no usage, and posts nothing', async (args, why) => {
  const { code, errors } = await space.run('reupload', ...args)
  expect(code).toBe(2)
  expect(errors).toContain(why)
  expect(space.tickets.posts).toEqual([])
})
