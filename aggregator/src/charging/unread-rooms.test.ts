/** One room that can't be read holds nobody else back: waited for on its own day, charged without it from the next. */
import { rm } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createSpace, type Space } from '../../testing/space.ts'

const PHONE = 'AA:00:00:00:00:01'
const LAPTOP = 'AA:00:00:00:00:02'
const MONDAY = '2026-11-16'
const ROLLUP = `rollups/broken/${MONDAY}.json.gz`

let space: Space & { close: () => Promise<void> }

beforeEach(async () => {
  space = await createSpace({
    members: [
      { email: 'ana@example.org', macs: [PHONE] },
      { email: 'bob@example.org', macs: [LAPTOP] },
    ],
  })
})
afterEach(() => space.close())

const lines = (mac: string, clocks: readonly string[], date = MONDAY) =>
  clocks.map((clock) => `${date}T${clock}:02+01:00\t${mac}\n`).join('')

async function night(day: number) {
  const date = `2026-11-${day}`
  space.clock.now = new Date(`${date}T21:15:00Z`)
  await space.write(`presences/a/${date}`, lines(PHONE, ['12:00'], date))
  return space.run('upload')
}

const heal = () => rm(`${space.folder}/store/${ROLLUP}`)

const amount = (email: string) => space.tickets.state.amount(`${email}@example.org`, MONDAY)

describe('a room with a rollup that can not be read', () => {
  beforeEach(async () => {
    await space.write(`presences/broken/${MONDAY}`, lines(LAPTOP, ['10:00', '10:10', '10:20']))
    await space.write(ROLLUP, 'nothing of ours')
  })

  /** The first night of the room, with what Ana was seen at in the other one. */
  async function firstNight() {
    space.clock.now = new Date(`${MONDAY}T21:15:00Z`)
    await space.write(`presences/a/${MONDAY}`, lines(PHONE, ['09:04', '09:14', '09:24']))
    return space.run('upload')
  }

  test('is waited for on its day; from the next night on the other rooms are charged, until it heals', async () => {
    const first = await firstNight()
    expect(first.code).toBe(3)
    expect(first.errors).toContain(`Nobody was charged for ${MONDAY}: Can't use ${ROLLUP}`)
    expect(amount('ana')).toBeUndefined()

    const second = await night(17)
    expect(second.code).toBe(1)
    expect(second.errors).toContain(
      `presences/broken/${MONDAY} counts for nothing until it can be read; mend or delete it: Can't use ${ROLLUP}`,
    )
    expect(second.errors).toContain(
      `${MONDAY}: broken could not be read wholly, and is charged without what is missing`,
    )
    expect(second.out.at(-2)).toContain('1 room could not be read wholly, see the log')
    expect(second.out.at(-1)).toContain("1 salle n'a pas pu être lue en entier, voir le journal")
    expect(amount('ana')).toBe(0.5)
    expect(amount('bob')).toBeUndefined()
    const { out } = await space.run('explain', MONDAY, 'ana@example.org')
    expect(out.join('\n')).toContain('Not all that was recorded at broken could be read')
    expect(out.join('\n')).toContain('This day is incomplete')

    await heal()
    const third = await night(18)
    expect(third.code).toBe(0)
    expect(amount('bob')).toBe(0.5)
  })

  test('is looked at again however long it takes', async () => {
    space.env.CATCH_UP_DAYS = '1'
    await firstNight()
    for (const day of [17, 18, 19]) expect((await night(day)).code).toBe(1)
    await heal()
    expect((await night(20)).code).toBe(0)
    expect(amount('bob')).toBe(0.5)
  })

  test('is looked at again months later, too, when days too little looked at are not any more', async () => {
    await firstNight()
    const late = async (day: string) => {
      space.clock.now = new Date(`${day}T21:15:00Z`)
      await space.write(`presences/a/${day}`, lines(PHONE, ['12:00'], day))
      return space.run('upload')
    }
    expect((await late('2027-02-20')).code).toBe(1)
    await heal()
    await late('2027-02-21')
    expect(amount('bob')).toBe(0.5)
  })

  test('never lowers what was charged from it, whatever is allowed', async () => {
    await heal()
    await firstNight()
    expect(amount('bob')).toBe(0.5)
    await space.write(ROLLUP, 'nothing of ours')
    space.clock.now = new Date('2026-11-17T10:00:00Z')
    // The rule asks for more now, which is a cause to lower in itself.
    space.env.HALF_DAY_SLOTS = '4'
    const again = await space.run('upload', MONDAY, '--allow-lower')
    expect(again.code).toBe(1)
    expect([...again.out, again.errors].join('\n')).not.toContain('hold')
    expect([amount('ana'), amount('bob')]).toEqual([0.5, 0.5])
    await heal()
    await space.run('upload', MONDAY, '--allow-lower')
    expect([amount('ana'), amount('bob')]).toEqual([undefined, undefined])
  })

  test('is named by what only reads, which shows the other rooms', async () => {
    await firstNight()
    const shown = await space.run('presences', MONDAY)
    expect(shown).toMatchObject({ code: 1, out: ['ana@example.org 0.5'] })
    expect(shown.errors).toContain(`presences/broken/${MONDAY} counts for nothing`)
    const rolled = await space.run('rollup', '--from', MONDAY, '--to', MONDAY)
    expect(rolled.code).toBe(1)
    const replayed = await space.run('reupload', PHONE, '--period', `${MONDAY}..${MONDAY}`)
    expect(replayed.code).toBe(3)
    space.clock.now = new Date('2026-11-17T10:00:00Z')
    expect((await space.run('reupload', PHONE, '--period', `${MONDAY}..${MONDAY}`)).code).toBe(1)
    expect(amount('ana')).toBe(0.5)
  })
})

test('where no room can be read, nobody is charged on any night', async () => {
  await space.write(ROLLUP, 'nothing of ours')
  space.clock.now = new Date('2026-11-17T10:00:00Z')
  const { code, errors } = await space.run('upload', MONDAY)
  expect(code).toBe(3)
  expect(errors).toContain(`Nobody was charged for ${MONDAY}: Can't use ${ROLLUP}`)
})
