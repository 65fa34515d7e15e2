/** Evidence that people take out of account, and give back: by the real commands on the stand-in. */
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Mac } from '@presences/shared'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { charge, night } from '../../testing/nights.ts'
import { seen as linesOf, look } from '../../testing/raw-files.ts'
import { createSpace, type Space } from '../../testing/space.ts'
import { WITHDRAWN_KEY } from '../withdrawal/withdrawn-codec.ts'

const ADA = 'ada@example.org'
const DAN = 'dan@example.org'
const PHONE = 'AA:00:00:00:00:01' as Mac
const DANS = 'DD:00:00:00:00:01' as Mac

let space: Space & { close: () => Promise<void> }

beforeEach(async () => {
  space = await createSpace({
    members: [
      { email: ADA, firstName: 'Ada', lastName: 'Martin', macs: [PHONE] },
      { email: DAN, firstName: 'Dan', lastName: 'Roux', macs: [DANS] },
    ],
  })
})
afterEach(() => space.close())

const nov = (day: number) => `2026-11-${String(day).padStart(2, '0')}`
const instant = (day: number, minute: number) =>
  new Date(Date.parse(`${nov(day)}T08:00:00Z`) + minute * 60_000)

/** A look each ten minutes from nine on, `count` of them: who is there, by `probe`. */
async function looks(location: string, day: number, count: number, macs: Mac[], probe = 'box') {
  for (let at = 0; at < count; at += 1) {
    await space.write(...look(location, instant(day, at * 10), { macs, probe }))
  }
}

async function nightly(day: number, ...args: string[]) {
  await space.write(`presences/hall/${nov(day)}`, linesOf(DANS, nov(day), 9, 1))
  night(space, nov(day))
  return charge(space, 'upload', ...args)
}

const withdraw = (day: number, ...args: string[]) =>
  space.run(
    ...['withdraw', '--location', 'lab', '--from', nov(day), '--to', nov(day + 1)],
    ...['--because', 'forged', '--by', 'Paul', ...args],
  )

const amountOf = (email: string, day: number) =>
  space.tickets.posts.findLast((post) => post.email === email && post.date === nov(day))?.amount

describe('a charge from evidence that a person withdrew', () => {
  beforeEach(async () => {
    await looks('lab', 3, 30, [PHONE])
    await nightly(3)
    expect(amountOf(ADA, 3)).toBe('1')
    await nightly(4)
  })

  test('is held by the night, and lowered once that is allowed', async () => {
    expect(await withdraw(3)).toMatchObject({
      code: 0,
      out: [
        'lab, 2026-11-03T00:00 to 2026-11-04T00:00 withdrawn by Paul: forged',
        expect.stringContaining('upload 2026-11-03 --allow-lower'),
      ],
    })
    const held = await nightly(5)
    expect(held.posts).toEqual([])
    expect(held.out.join('\n')).toContain('evidence was withdrawn (Paul: forged); to lower it')
    expect(held.nightly).toContain('1 room and day with evidence withdrawn')
    const lowered = await charge(space, 'upload', nov(3), '--allow-lower')
    expect(lowered.posts).toEqual([`${nov(3)} ${ADA} 0`])
    expect(lowered.code).toBe(0)
    const explained = (await space.run('explain', nov(3), ADA)).out.join('\n')
    expect(explained).toContain(
      'What was seen at lab from 00:00 to 24:00 does not count: withdrawn by Paul on Wednesday 4 November 2026, because: forged.',
    )
    expect(explained).toContain('evidence was withdrawn (Paul: forged)')
    expect(explained).not.toContain('No probe was looking at lab in the opening')
    const again = await nightly(6)
    expect(again.posts).toEqual([])
    expect(again.nightly).not.toContain('held')
  })

  test('is charged again when it is restored', async () => {
    await withdraw(3)
    await charge(space, 'upload', nov(3), '--allow-lower')
    expect(amountOf(ADA, 3)).toBe('0')
    space.clock.now = new Date('2026-11-05T10:00:00Z')
    expect((await withdraw(3, '--restore')).code).toBe(0)
    const after = await nightly(5)
    expect(after.posts).toEqual([`${nov(3)} ${ADA} 1`])
    expect(after.out.join('\n')).toContain('evidence was restored (Paul: forged)')
    expect((await space.run('explain', nov(3), ADA)).out.join('\n')).not.toContain('does not count')
    const listed = await space.run('withdraw', '--list')
    expect(listed.out).toEqual([
      expect.stringMatching(
        /^lab, .* withdrawn by Paul on 2026-11-04: forged; restored by Paul on 2026-11-05/,
      ),
    ])
  })

  test('is lowered also where its files, and their rollup, are gone', async () => {
    await looks('lab', 4, 1, [])
    await rm(inStore(`rollups/lab/${nov(3)}.json.gz`))
    await rm(inStore(`presences/lab/${nov(3)}`), { recursive: true })
    const held = await charge(space, 'upload', nov(3), '--allow-lower')
    expect(held.posts).toEqual([])
    expect(held.out.join('\n')).toContain('there is less data now than then')
    await withdraw(3)
    const lowered = await charge(space, 'upload', nov(3), '--allow-lower')
    expect(lowered.posts).toEqual([`${nov(3)} ${ADA} 0`])
  })

  test('is not lowered for data that is missing beside it', async () => {
    await looks('lab', 4, 1, [])
    await rm(inStore(`rollups/lab/${nov(3)}.json.gz`))
    await rm(inStore(`presences/lab/${nov(3)}`), { recursive: true })
    await withdraw(3, '--to', `${nov(3)}T10:00`)
    const held = await charge(space, 'upload', nov(3), '--allow-lower')
    expect(held.posts).toEqual([])
    expect(held.out.join('\n')).toContain('there is less data now than then')
  })

  test('a withdrawal of before the days of catching up is looked at by the next night', async () => {
    await looks('lab', 3, 1, [])
    night(space, nov(29))
    await nightly(29)
    await withdraw(3)
    const after = await nightly(30)
    expect(after.out.join('\n')).toMatch(/2026-11-03 ada@example\.org .*evidence was withdrawn/)
  })

  test('a dry run writes nothing', async () => {
    expect((await withdraw(3, '--dry-run')).out[0]).toContain('withdrawn by Paul')
    expect((await space.run('withdraw', '--list')).out).toEqual(['Nothing is withdrawn'])
  })
})

describe('what one probe saw', () => {
  beforeEach(async () => {
    await looks('lab', 3, 30, [PHONE], 'evil')
    await looks('lab', 3, 4, [PHONE, DANS], 'good')
    await nightly(3)
    expect([amountOf(ADA, 3), amountOf(DAN, 3)]).toEqual(['1', '0.5'])
  })

  test('is withdrawn, and what another one saw counts', async () => {
    await withdraw(3, '--probe', 'evil')
    const lowered = await charge(space, 'upload', nov(3), '--allow-lower')
    expect(lowered.posts).toEqual([`${nov(3)} ${ADA} 0.5`])
    const lines = (await space.run('explain', nov(3), ADA, '--lang', 'fr')).out.join('\n')
    expect(lines).toContain('Ce que la sonde evil a vu à lab de 00:00 à 24:00 ne compte pas')
    const svg = (await space.run('explain', nov(3), ADA, '--svg')).out.join('\n')
    expect(svg).toContain('presences-cross')
  })

  test('can not be told from what another one saw whose files are gone', async () => {
    await rm(inStore(`presences/lab/${nov(3)}`), { recursive: true })
    await withdraw(3, '--probe', 'evil')
    const night = await charge(space, 'upload', nov(3), '--allow-lower')
    expect(night.posts).toEqual([])
    expect(night.code).not.toBe(0)
    expect(night.errors).toContain("Can't tell what evil saw at lab on 2026-11-03")
    await withdraw(3, '--probe', 'evil', '--restore')
    await withdraw(3)
    const lowered = await charge(space, 'upload', nov(3), '--allow-lower')
    expect(lowered.posts).toEqual([`${nov(3)} ${ADA} 0`, `${nov(3)} ${DAN} 0`])
  })
})

describe('the object is damaged', () => {
  beforeEach(async () => {
    await looks('lab', 3, 30, [PHONE])
    await withdraw(3)
    await writeFile(inStore(WITHDRAWN_KEY), 'not gzip')
  })

  test.each([['upload'], ['explain', nov(3), ADA], ['reupload', PHONE], ['withdraw', '--list']])(
    '%s stops, and says what to do',
    async (...args) => {
      night(space, nov(3))
      const ran = await charge(space, ...args)
      expect(ran.code).toBe(3)
      expect(ran.posts).toEqual([])
      expect(ran.errors).toContain(`Can't use ${WITHDRAWN_KEY}`)
      expect(ran.errors).toContain('Restore it from a copy')
    },
  )

  test('rollups are brought up to date all the same', async () => {
    expect((await space.run('rollup', '--from', nov(3), '--to', nov(3))).code).toBe(0)
  })
})

describe('what is asked for', () => {
  beforeEach(() => looks('lab', 3, 3, [PHONE]))

  test.each<[string, string[], string]>([
    ['no reason', ['--because', ' '], 'needs --location'],
    ['a location of another form', ['--location', '../lab'], 'is not made of a-z'],
    ['a location that there is not', ['--location', 'labb'], 'There are: lab'],
    ['a probe of another form', ['--probe', 'a/b'], 'is no name of a probe'],
    ['an empty time', ['--to', nov(3)], 'is not after --from'],
    ['no time', ['--from', 'yesterday'], 'is no time'],
    ['more than a year', ['--to', '2027-12-03'], 'Not more than a year'],
    ['what is not withdrawn, to restore', ['--restore'], 'Not withdrawn, so not to restore'],
  ])('%s is refused', async (_, args, message) => {
    const ran = await withdraw(3, ...args)
    expect(ran).toMatchObject({ code: 2, errors: expect.stringContaining(message) })
  })

  test('the same once more changes nothing, and says so', async () => {
    await withdraw(3)
    expect(await withdraw(3)).toMatchObject({
      code: 0,
      out: [expect.stringContaining('was withdrawn already'), expect.anything()],
    })
    expect((await space.run('withdraw', '--list')).out).toHaveLength(1)
  })
})

function inStore(key: string): string {
  return join(space.folder, 'store', key)
}
