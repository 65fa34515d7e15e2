/** The sample history gives its generator's truth, from every kind of store and file there is. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  asMinuteFiles,
  createS3Space,
  createSpace,
  type Space,
  sampleHistory,
} from '../../testing/space.ts'

const history = await sampleHistory()

const onFolder = { create: createSpace, kinds: ['old day files', 'minute files', 'both at once'] }
/** Both kinds lie in one bucket: to the adapter, each alone is no more than that. */
const onS3 = { create: createS3Space, kinds: ['both at once'] }

describe.each([
  ['a folder', onFolder],
  ['S3', onS3],
] as const)('from a store on %s', (_, { create, kinds }) => {
  describe.each(kinds)('with %s', (files) => {
    let space: Space & { close: () => Promise<void> }

    beforeAll(async () => {
      space = await create({ members: history.members, shuffleSeed: 7 })
      for (const dayFile of history.dayFiles) {
        // Both at once: one room has changed to the new probe, the other has not.
        const isMinutes =
          files === 'minute files' ||
          (files === 'both at once' && dayFile.location === 'poulailler')
        const objects = isMinutes ? asMinuteFiles(dayFile) : [[dayFile.key, dayFile.text] as const]
        for (const [key, text] of objects) await space.write(key, text)
      }
    })
    afterAll(() => space.close())

    test.each(history.days)('presences %s', async (day) => {
      expect(await space.run('presences', day)).toEqual({
        code: 0,
        out: history.amountsOf(day),
        errors: '',
      })
    })

    test('presences is the same again from rollups', async () => {
      const [first = '', last = ''] = [history.days[0], history.days.at(-1)]
      expect((await space.run('rollup', '--from', first, '--to', last)).code).toBe(0)
      for (const day of history.days) {
        expect((await space.run('presences', day)).out).toEqual(history.amountsOf(day))
      }
    })
  })
})

test('from given files, with no server at all', async () => {
  const space = await createSpace()
  for (const { key, text } of history.dayFiles) await space.write(key, text)
  await space.tickets.close()
  for (const day of history.days) {
    const files = ['poulailler', 'pti-poulailler'].map(
      (location) => `${space.folder}/store/presences/${location}/${day}`,
    )
    const ran = await space.run(
      'presences',
      day,
      '--input',
      ...files,
      '--members',
      history.membersFile,
    )
    expect(ran).toEqual({ code: 0, out: history.amountsOf(day), errors: '' })
  }
  await space.close()
})
