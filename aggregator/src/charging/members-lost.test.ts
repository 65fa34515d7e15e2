/** The history of members is lost, or an old copy is put back, and made again by `members rebuild`. By the real commands. */
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createSpace, type Space } from '../../testing/space.ts'

const ADA = 'ada@example.org'
const BEA = 'bea@example.org'
const PHONE = 'AA:00:00:00:00:01'
const DAYS = [3, 4, 5, 6, 7]

let space: Space & { close: () => Promise<void> }

beforeEach(async () => {
  space = await createSpace({
    members: [
      { email: ADA, firstName: 'Ada', lastName: 'Martin', macs: [PHONE] },
      { email: BEA, firstName: 'Bea', lastName: 'Weber', macs: ['BB:00:00:00:00:01'] },
    ],
  })
})
afterEach(() => space.close())

const nov = (day: number) => `2026-11-0${day}`

async function night(day: number) {
  const lines = [0, 1, 2, 3, 4, 5].map((slot) => `${nov(day)}T09:${slot}4:02+01:00\t${PHONE}\n`)
  await space.write(`presences/room/${nov(day)}`, lines.join(''))
  space.clock.now = new Date(`${nov(day)}T22:15:00+01:00`)
  return space.run('upload')
}

const stored = (email: string) =>
  DAYS.map((day) => space.tickets.state.amount(email, nov(day)) ?? 0)

test.each(['lost', 'put back'])(
  '%s and made again, nights and replays charge as before',
  async (how) => {
    const members = join(space.folder, 'store/members')
    const history = join(members, 'history.json.gz')
    await night(3)
    const old = await readFile(history)
    await night(4)
    space.clock.now = new Date(`${nov(5)}T07:00:00+01:00`)
    space.tickets.state.moveDevice(PHONE, ADA, BEA)
    await night(5)
    await night(6)
    await rm(members, { recursive: true })
    if (how === 'put back') {
      await space.write('members/history.json.gz', '')
      await writeFile(history, old)
    }

    const preview = await space.run('members', 'rebuild', '--dry-run')
    const rebuilt = await space.run('members', 'rebuild')
    expect(rebuilt).toMatchObject({ code: 0, out: preview.out })
    const changed = how === 'lost' ? 2 : 1
    expect(rebuilt.out[0]).toMatch(/^2 devices from the map, .* 0 in doubt$/)
    expect(rebuilt.out[0]).toContain(`: ${changed} changed, `)
    const kept = (await readdir(members)).filter((name) => name.startsWith('before-rebuild-'))
    expect(kept).toHaveLength(how === 'put back' ? 1 : 0)
    for (const name of kept) expect(await readFile(join(members, name))).toEqual(old)
    await night(7)
    const replayed = await space.run('reupload', PHONE, '--period', `${nov(3)}..${nov(6)}`)
    expect(replayed.code).toBe(0)
    expect(stored(ADA)).toEqual([0.5, 0.5, 0, 0, 0])
    expect(stored(BEA)).toEqual([0, 0, 0.5, 0.5, 0.5])
  },
)

test('a map that lost most devices replaces no history that can be read, unless that is said', async () => {
  await night(3)
  space.tickets.state.setMacs(ADA, [])
  space.tickets.state.setMacs(BEA, ['BB:00:00:00:00:02'])
  const refused = await space.run('members', 'rebuild')
  expect(refused.code).toBe(3)
  expect(refused.errors).toContain('The member map lost 2 of the 2 devices')
  expect((await space.run('members', 'rebuild', '--accept-map')).code).not.toBe(3)
})

test.each(['there', 'lost'])(
  'made again while it was %s, it tells of a ledger that is lost later',
  async (how) => {
    await night(3)
    await night(4)
    if (how === 'lost') await rm(join(space.folder, 'store/members'), { recursive: true })
    expect((await space.run('members', 'rebuild')).code).toBe(0)
    for (const key of ['ledger', 'jobs'])
      await rm(join(space.folder, 'store', key), { recursive: true })
    const next = await night(5)
    expect(next.code).toBe(3)
    expect(next.errors).toContain(`by members/ this system charged since ${nov(3)}`)
  },
)
