/** Which rooms charge, as those see it who run the commands: a room that nobody accepted charges nobody. */
import { readdir, readFile, rm } from 'node:fs/promises'
import { LIMITS } from '@presences/shared'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { charge, night } from '../../testing/nights.ts'
import { look, seen } from '../../testing/raw-files.ts'
import { createS3Space, createSpace, type Space } from '../../testing/space.ts'

const ANA = 'ana@example.org'
const BOB = 'bob@example.org'
const PHONE = 'AA:00:00:00:00:01'
const TABLET = 'BB:00:00:00:00:01'
const MEMBERS = [
  { email: ANA, firstName: 'Ana', macs: [PHONE] },
  { email: BOB, firstName: 'Bob', macs: [TABLET] },
]
const FRIDAY = '2026-11-13'
const MONDAY = '2026-11-16'
const TUESDAY = '2026-11-17'
const WEDNESDAY = '2026-11-18'
const ROOMS = 'ledger/locations.json'

let space: Space & { close: () => Promise<void> }
afterEach(() => space.close())

const onDisk = (key: string) => `${space.folder}/store/${key}`
const forge = (day: string) => space.write(`presences/forged/${day}`, seen(TABLET, day, 9, 30))
const posts = () =>
  space.tickets.posts.map(({ date, email, amount }) => `${date} ${email} ${amount}`)

/** Room `a` has charged Ana on Monday; then somebody forges a whole day of Bob in a room of their own. */
async function forgedAfterMonday() {
  space = await createSpace({ members: MEMBERS })
  await space.write(`presences/a/${MONDAY}`, seen(PHONE, MONDAY, 9, 30))
  night(space, MONDAY)
  await charge(space, 'upload')
  await forge(MONDAY)
  await forge(TUESDAY)
  await space.write(`presences/a/${TUESDAY}`, seen(PHONE, TUESDAY, 9, 30))
  night(space, TUESDAY)
}

describe('a room that nobody has accepted', () => {
  beforeEach(forgedAfterMonday)

  test('charges nobody, and is told with the next step', async () => {
    const { code, posts: posted, out, errors, nightly } = await charge(space, 'upload')
    expect(posted).toEqual([`${TUESDAY} ${ANA} 1`])
    expect(code).toBe(0)
    expect(nightly).toContain('to do: 1 new room not charged until accepted')
    expect(out.at(-1)).toContain('à faire : 1 nouvelle salle non débitée')
    expect(errors).toContain('presences-aggregator locations accept forged')
  })

  test('is told to the webhook once, and once when it is accepted', async () => {
    space.env.ALERT_WEBHOOK_URL = 'http://hook.example/x'
    const told: string[] = []
    const { run } = await import('../cli.ts')
    const nightly = () =>
      run(['upload'], {
        ...space.effects({ out: [], errors: [] }),
        fetch: async (input, init) => {
          if (!String(input).startsWith('http://hook')) return fetch(input, init)
          told.push(`${JSON.parse(String(init?.body)).level} ${init?.body}`)
          return new Response('OK')
        },
      })
    await nightly()
    await nightly()
    expect(told).toEqual([expect.stringMatching(/^warning .*locations accept forged/)])
    await space.run('locations', 'accept', 'forged')
    await nightly()
    expect(told[1]).toMatch(/^ok .*New room forged/)
  })

  test.each([
    ['presences', [`${ANA} 1.0`]],
    [`presences ${MONDAY}`, [`${ANA} 1.0`]],
    [
      `upload --dry-run ${TUESDAY}`,
      [expect.stringContaining(ANA), expect.anything(), expect.anything()],
    ],
  ])('counts for nothing: %s', async (line, out) => {
    const ran = await space.run(...line.split(' '))
    expect(ran.out).toEqual(out)
    expect(ran.errors).toContain('locations accept forged')
  })

  test('is explained to nobody, and whoever asks is told that it waits', async () => {
    const { out, errors } = await space.run('explain', TUESDAY, BOB)
    expect(out.join('\n')).not.toContain('forged')
    expect(errors).toContain('locations accept forged')
  })

  test('gets no rollup, from which it would be known if the rest were lost', async () => {
    await space.run('rollup')
    expect(await readdir(onDisk('rollups'))).toEqual(['a'])
  })

  test('stands beside the probes, as waiting', async () => {
    const { out } = await space.run('probes')
    expect(out.filter((line) => line.includes('forged'))).toEqual([
      expect.stringContaining('locations accept forged'),
    ])
    const json = JSON.parse((await space.run('probes', '--json')).out.join(''))
    expect(json.at(-1)).toEqual({ location: 'forged', state: 'waiting' })
  })

  test('is no heartbeat', async () => {
    space.clock.now = new Date(`${WEDNESDAY}T10:00:30+01:00`)
    for (const room of ['a', 'forged'])
      await space.write(...look(room, space.clock.now, { macs: [TABLET as never] }))
    const { out } = await space.run('heartbeat', '--dry-run')
    expect(out).toEqual(['a: 1 device'])
  })

  test('is a warning of doctor', async () => {
    const { out } = await space.run('doctor')
    expect(out).toContainEqual(expect.stringMatching(/^WARN rooms: New room forged/))
  })

  test('is charged once it is accepted: the last days by the next night, others by hand', async () => {
    space.env.CATCH_UP_DAYS = '1'
    await charge(space, 'upload')
    await forge(FRIDAY)
    const { code, out } = await space.run('locations', 'accept', 'forged', '--by', 'Zoé')
    expect([code, out]).toEqual([
      0,
      [expect.stringMatching(/^forged accepted by Zoé, 2026-11-17T\S+: the next night charges it/)],
    ])
    night(space, WEDNESDAY)
    await space.write(`presences/a/${WEDNESDAY}`, seen(PHONE, WEDNESDAY, 9, 3))
    const { posts: posted, nightly } = await charge(space, 'upload')
    expect(posted.sort()).toEqual([`${TUESDAY} ${BOB} 1`, `${WEDNESDAY} ${ANA} 0.5`])
    expect(nightly).toContain('1 day caught up, nothing to do')
    expect((await charge(space, 'upload', MONDAY)).posts).toEqual([`${MONDAY} ${BOB} 1`])
  })
})

describe('what is kept of the rooms', () => {
  beforeEach(forgedAfterMonday)

  test.each<[string, () => Promise<unknown>]>([
    ['is as it was', async () => {}],
    ['was never written: an installation of before', () => rm(onDisk(ROOMS))],
    ['is damaged', () => space.write(ROOMS, '{"version":1,"begun":["forged"],"acc')],
    ['says what no program writes', () => space.write(ROOMS, '{"version":1,"accepted":"forged"}')],
    [
      'is lost, with all rollups',
      async () => {
        await rm(onDisk(ROOMS))
        await rm(onDisk('rollups'), { recursive: true })
      },
    ],
  ])('%s: known rooms go on, a forged one does not', async (_, lose) => {
    await lose()
    const { code, posts: posted } = await charge(space, 'upload')
    expect(posted).toEqual([`${TUESDAY} ${ANA} 1`])
    expect(code).toBe(0)
    expect(JSON.parse(await readFile(onDisk(ROOMS), 'utf8'))).toEqual({
      version: 1,
      begun: ['a'],
      accepted: [],
    })
  })

  test('is lost with the ledger: once that is made again, known rooms go on', async () => {
    await rm(onDisk('ledger'), { recursive: true })
    expect((await charge(space, 'upload')).posts).toEqual([])
    await space.run('rollup')
    await space.run('ledger', 'rebuild', '--from', MONDAY)
    expect((await charge(space, 'upload')).posts).toEqual([`${TUESDAY} ${ANA} 1`])
  })

  test('was damaged: it is kept, and told', async () => {
    await space.write(ROOMS, 'x')
    expect((await space.run('doctor')).out).toContainEqual(
      expect.stringMatching(/^WARN rooms: ledger\/locations\.json could not be used/),
    )
    const { nightly } = await charge(space, 'upload')
    expect(nightly).toContain('1 note of the program damaged')
    expect(await readdir(onDisk('jobs/damaged'))).toEqual([
      expect.stringMatching(/^locations\.json-/),
    ])
  })

  test('is of another version: nothing is charged, nothing written over', async () => {
    await space.write(ROOMS, '{"version":2}')
    expect((await charge(space, 'upload')).code).toBe(3)
    expect(await readFile(onDisk(ROOMS), 'utf8')).toBe('{"version":2}')
  })
})

test('the rooms that have files when the ledger begins are known, those of nobody too', async () => {
  space = await createSpace({ members: MEMBERS })
  await space.write(`presences/a/${MONDAY}`, seen(PHONE, MONDAY, 9, 3))
  night(space, MONDAY)
  await space.run('rollup')
  await forge(MONDAY)
  expect((await charge(space, 'upload')).posts.sort()).toEqual([
    `${MONDAY} ${ANA} 0.5`,
    `${MONDAY} ${BOB} 1`,
  ])
})

test('a first night that fails has written them down', async () => {
  space = await createSpace({ members: MEMBERS })
  await space.write(`presences/a/${MONDAY}`, seen(PHONE, MONDAY, 9, 3))
  night(space, MONDAY)
  space.tickets.setFaults(() => ({ status: 401 }))
  expect((await charge(space, 'upload')).code).toBe(3)
  space.tickets.setFaults(undefined)
  await forge(TUESDAY)
  night(space, TUESDAY)
  expect((await charge(space, 'upload')).posts).toEqual([`${MONDAY} ${ANA} 0.5`])
})

test('a ledger that began over an empty bucket knows the first rooms there are', async () => {
  space = await createSpace({ members: MEMBERS })
  night(space, MONDAY)
  const empty = await charge(space, 'upload')
  expect([empty.code, empty.errors]).toEqual([3, expect.stringContaining('Check STORE_URL')])
  await space.write(`presences/a/${TUESDAY}`, seen(PHONE, TUESDAY, 9, 3))
  night(space, TUESDAY)
  expect((await charge(space, 'upload')).posts).toEqual([`${TUESDAY} ${ANA} 0.5`])
})

test('of more rooms than a space has the first are known when the ledger begins, the others wait', async () => {
  space = await createSpace({ members: MEMBERS })
  for (let room = 0; room < LIMITS.rooms; room += 1)
    await space.write(`presences/a${room}/${MONDAY}`, '')
  for (let room = 0; room < LIMITS.rooms + 2; room += 1)
    await space.write(`presences/z${room}/${MONDAY}`, '')
  const { out } = await space.run('locations')
  expect(out).toHaveLength(2 * LIMITS.rooms + 1)
  expect(out.filter((line) => /^a\d+: known$/.test(line))).toHaveLength(LIMITS.rooms)
  expect(out.at(-1)).toMatch(/^and 2 more: waiting/)
})

describe('LOCATIONS', () => {
  beforeEach(forgedAfterMonday)

  test('is the list, beside the rooms that were accepted', async () => {
    space.env.LOCATIONS = 'b, forged'
    await charge(space, 'upload')
    expect(posts()).toContain(`${TUESDAY} ${BOB} 1`)
    expect(posts()).not.toContain(`${TUESDAY} ${ANA} 1`)
    await space.run('locations', 'accept', 'a')
    expect((await charge(space, 'upload')).posts).toEqual([`${TUESDAY} ${ANA} 1`])
  })

  test.each(['', ' , ', 'a,B', `a,${'b'.repeat(65)}`])('can not be %j', async (list) => {
    space.env.LOCATIONS = list
    const { code, errors } = await space.run('upload')
    // An empty variable is one that is not set.
    if (list === '') expect(code).not.toBe(2)
    else expect([code, errors]).toEqual([2, expect.stringContaining('LOCATIONS')])
  })
})

describe('locations', () => {
  beforeEach(forgedAfterMonday)

  test('lists what is known, waits and is ignored', async () => {
    await space.run('locations', 'accept', 'new-room', '--by', 'Zoé\nx')
    await space.write('presences/La Halle/x', '')
    const { code, out } = await space.run('locations')
    expect([code, out]).toEqual([
      0,
      [
        'a: known',
        expect.stringMatching(/^new-room: known, accepted by Zoé x, 2026-11-17T\S+; no file yet$/),
        'forged: waiting: presences-aggregator locations accept forged',
        '"La Halle": ignored: no room is called so',
      ],
    ])
  })

  test('a room is accepted before its first file comes', async () => {
    const { out } = await space.run('locations', 'accept', 'atelier')
    expect(out).toEqual([expect.stringContaining('no file yet')])
    await space.write(`presences/atelier/${TUESDAY}`, seen(TABLET, TUESDAY, 9, 3))
    expect((await charge(space, 'upload')).posts).toContain(`${TUESDAY} ${BOB} 0.5`)
  })

  test('before the ledger begins an acceptance leaves the others known', async () => {
    await space.close()
    space = await createSpace({ members: MEMBERS })
    await space.run('locations', 'accept', 'atelier')
    await space.write(`presences/a/${MONDAY}`, seen(PHONE, MONDAY, 9, 3))
    night(space, MONDAY)
    expect((await charge(space, 'upload')).posts).toEqual([`${MONDAY} ${ANA} 0.5`])
  })

  test('of two who accept a room the first did', async () => {
    await space.run('locations', 'accept', 'forged', '--by', 'Ana')
    space.clock.now = new Date(space.clock.now.getTime() + 1000)
    const { out } = await space.run('locations', 'accept', 'forged', '--by', 'Bob')
    expect(out).toEqual([expect.stringContaining('accepted by Ana')])
  })

  test('a dry run tells the same, and writes nothing', async () => {
    await charge(space, 'upload')
    const before = await readFile(onDisk(ROOMS), 'utf8')
    const { out } = await space.run('locations', 'accept', 'forged', '--dry-run')
    expect(out).toEqual([expect.stringContaining('forged accepted by')])
    expect(await readFile(onDisk(ROOMS), 'utf8')).toBe(before)
  })

  test.each(['Forged', '', 'a/b', 'a'.repeat(65)])('%j is no name to accept', async (name) => {
    expect((await space.run('locations', 'accept', name)).code).toBe(2)
  })
})

test('a folder of a thousand letters is ignored by all that read, and told', async () => {
  space = await createS3Space({ members: MEMBERS })
  night(space, MONDAY)
  await space.write(`presences/a/${MONDAY}`, seen(PHONE, MONDAY, 9, 3))
  const long = 'x'.repeat(1000)
  await space.write(`presences/${long}/x`, 'junk')
  const { code, posts: posted, nightly, errors } = await charge(space, 'upload')
  expect([code, posted]).toEqual([0, [`${MONDAY} ${ANA} 0.5`]])
  expect(nightly).toContain('to do: 1 folder in the bucket no room is called, ignored')
  expect(errors).toContain('1 folders in the bucket ignored')
  expect(errors).not.toContain(long)
  for (const command of ['presences', 'rollup', 'probes', 'heartbeat'])
    expect([command, (await space.run(command)).code]).toEqual([command, 0])
  expect((await space.run('doctor')).out).toContainEqual(
    expect.stringMatching(/^WARN rooms: 1 folders in the bucket ignored/),
  )
})

test('two thousand invented rooms are counted, a few are named, and none is read', async () => {
  space = await createS3Space({ members: MEMBERS })
  night(space, MONDAY)
  await space.write(`presences/a/${MONDAY}`, seen(PHONE, MONDAY, 9, 3))
  await charge(space, 'upload')
  for (let room = 0; room < 2000; room += 1) await space.write(`presences/r${room}/${MONDAY}`, '')
  const { s3 } = space as Awaited<ReturnType<typeof createS3Space>>
  const before = s3.requests.length
  const { errors, nightly } = await charge(space, 'upload')
  expect(nightly).toContain('2000 new rooms')
  expect(errors.match(/New room /g)).toHaveLength(5)
  expect(errors).toContain('1995 more new rooms wait')
  expect(s3.requests.length - before).toBeLessThan(200)
})
