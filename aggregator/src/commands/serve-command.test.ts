/** What the service remembers from one request to the next, for how long, and how it ends. */
import { Agent, get } from 'node:http'
import { localDayOf, parseConfig } from '@presences/shared'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { look } from '../../testing/raw-files.ts'
import { createSpace, type Space } from '../../testing/space.ts'
import { run } from '../cli.ts'
import { serveConfig } from '../config.ts'
import type { Effects } from '../effects.ts'
import { createService } from './serve-command.ts'

const TOKEN = 'a-token-of-an-administrator'
const DAY = '2026-11-20'
const BEFORE = '2026-11-19'

let space: Space & { close: () => Promise<void> }
beforeEach(async () => {
  space = await createSpace({
    members: [{ email: 'ana@example.org', macs: ['AA:00:00:00:00:01'] }],
  })
  space.env.ADMIN_TOKENS = TOKEN
})
afterEach(() => space.close())

function serviceWith(env: Record<string, string> = {}) {
  const config = parseConfig(serveConfig, { ...space.env, ...env })
  const silent = { debug() {}, info() {}, warn() {}, error() {} }
  return createService(config, space.effects({ out: [], errors: [] }), silent)
}

describe('what is measured', () => {
  /** So many minutes of `day` from `clock` on, and its rollup, as a night leaves them. */
  async function rolledUp(day: string, clock: string, minutes: number) {
    const first = Date.parse(`${day}T${clock}:00+01:00`)
    for (let at = 0; at < minutes; at += 1)
      await space.write(...look('poulailler', new Date(first + at * 60_000)))
    await space.run('rollup', '--from', day, '--to', day)
  }
  const at = (day: string, clock: string) => {
    space.clock.now = new Date(`${day}T${clock}+01:00`)
  }

  test('of the days that are over, an hour long, and not over midnight', async () => {
    at(DAY, '22:30:00')
    await rolledUp(BEFORE, '09:00', 3)
    const { measure } = serviceWith()
    const month = async () => (await measure()).locations.map((each) => each.month.looked)
    expect(await month()).toEqual([3])
    await rolledUp(BEFORE, '10:00', 2)
    at(DAY, '23:29:59.999')
    expect(await month()).toEqual([3])
    at(DAY, '23:30:00')
    expect(await month()).toEqual([5])
    await rolledUp(DAY, '11:00', 4)
    at('2026-11-21', '00:00:00')
    expect(await month()).toEqual([9])
  })

  test('of today, and of the last night, each time', async () => {
    at(DAY, '10:00:30')
    const { measure } = serviceWith()
    await space.write(...look('poulailler', new Date(`${DAY}T09:59:00+01:00`)))
    expect(await measure()).toMatchObject({
      locations: [{ ageMinutes: 1, today: { looked: 1 } }],
      nightly: { lastRun: undefined },
    })
    await space.write(...look('poulailler', new Date(`${DAY}T10:00:00+01:00`)))
    await space.write('jobs/nightly.json', `{"version":1,"lastRun":"${BEFORE}","openDays":[]}`)
    expect(await measure()).toMatchObject({
      locations: [{ ageMinutes: 0, today: { looked: 2 } }],
      nightly: { lastRun: BEFORE },
    })
  })

  test.each([
    ['15', '10:15:00', 'looking'],
    ['15', '10:16:00', 'silent'],
    ['60', '11:00:00', 'looking'],
    ['60', '11:01:00', 'silent'],
  ])(
    'a probe that is silent by PROBE_SILENT_MINUTES=%s at %s: %s',
    async (minutes, clock, state) => {
      await space.write(...look('poulailler', new Date(`${DAY}T10:00:00+01:00`)))
      at(DAY, clock)
      const { measure } = serviceWith({ PROBE_SILENT_MINUTES: minutes })
      expect((await measure()).locations).toMatchObject([{ state }])
    },
  )
})

test('whether it is ready is asked anew each time, and once: nobody waits for retries', async () => {
  const { readiness } = serviceWith()
  const asked = () => space.tickets.requests.length
  const ready = { name: 'ticket server' }
  expect(await readiness()).toEqual([{ name: 'store' }, ready])
  space.tickets.setFaults(() => ({ status: 503 }))
  const before = asked()
  expect(await readiness()).toMatchObject([
    { name: 'store' },
    { ...ready, fault: expect.stringContaining('503') },
  ])
  expect(asked() - before).toBe(1)
  space.tickets.setFaults(undefined)
  expect(await readiness()).toEqual([{ name: 'store' }, ready])
})

describe('the service, asked to end', () => {
  /** The command, its port, and the way to ask it to end. */
  async function serving() {
    let end = () => {}
    const ending = new Promise<void>((resolve) => {
      end = resolve
    })
    const sink = { out: [] as string[], errors: [] as string[] }
    let listening = (_port: number) => {}
    const port = new Promise<number>((resolve) => {
      listening = resolve
    })
    const effects: Effects = {
      ...space.effects(sink),
      env: { ...space.env, PORT: '0' },
      // Called once it listens.
      untilAskedToEnd: () => {
        listening(
          Number(/Listening on http:\/\/127\.0\.0\.1:(\d+)/.exec(sink.errors.join(''))?.[1]),
        )
        return ending
      },
    }
    const code = run(['serve'], effects)
    return { code, port: await port, end, errors: sink.errors }
  }

  test('lets what is under way end, and no idle connection keeps it', async () => {
    const { code, port, end } = await serving()
    const [idle, busy] = [new Agent({ keepAlive: true }), new Agent({ keepAlive: true })]
    const ask = (path: string, agent: Agent) =>
      new Promise<number | undefined>((resolve, reject) => {
        const headers = { Authorization: `Bearer ${TOKEN}` }
        get({ port, path, agent, headers }, (answer) => {
          answer.resume().once('end', () => resolve(answer.statusCode))
        }).once('error', reject)
      })
    expect(await ask('/healthz', idle)).toBe(200)
    // The ticket server answers when the end was asked for.
    const today = localDayOf(space.clock.now, 'Europe/Paris')
    await space.write(`presences/poulailler/${today}`, '')
    space.tickets.setFaults(({ path }) => {
      if (path !== '/api/mac') return undefined
      end()
      return { delayMs: 20 }
    })
    expect(await ask(`/presences/${today}`, busy)).toBe(200)
    busy.destroy()
    expect(await code).toBe(0)
    await expect(ask('/healthz', busy)).rejects.toThrow(/ECONNREFUSED|ECONNRESET|socket hang up/)
    idle.destroy()
  })

  test('a header that is too large is refused', async () => {
    const { code, port, end } = await serving()
    const headers = { Cookie: 'x'.repeat(17_000) }
    expect((await fetch(`http://127.0.0.1:${port}/healthz`, { headers })).status).toBe(431)
    end()
    expect(await code).toBe(0)
  })

  test('a refused login is logged with where it came from, as a proxy that is trusted says', async () => {
    const { code, port, end, errors } = await serving()
    const headers = { 'X-Forwarded-For': '203.0.113.9, 198.51.100.7' }
    await fetch(`http://127.0.0.1:${port}/readyz`, { headers })
    expect(errors.join('')).toContain('Refused a GET from 127.0.0.1:')
    end()
    expect(await code).toBe(0)
    space.env.TRUSTED_PROXIES = '127.0.0.1'
    const proxied = await serving()
    await fetch(`http://127.0.0.1:${proxied.port}/readyz`, { headers })
    expect(proxied.errors.join('')).toContain('Refused a GET from 198.51.100.7:')
    proxied.end()
    expect(await proxied.code).toBe(0)
  })

  test('a port that is taken: exit code 3, and what to do', async () => {
    const { code, port, end } = await serving()
    const sink = { out: [] as string[], errors: [] as string[] }
    const env = { ...space.env, PORT: String(port) }
    expect(await run(['serve'], { ...space.effects(sink), env })).toBe(3)
    expect(sink.errors.join('')).toContain('Change HOST or PORT')
    end()
    expect(await code).toBe(0)
  })
})
