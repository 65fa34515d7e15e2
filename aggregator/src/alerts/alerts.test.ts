import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { listen } from '../../testing/stand-ins/listen.ts'
import { createFolderStore } from '../store/folder/folder-store.ts'
import type { Store } from '../store/store.ts'
import { tellAlerts } from './alert-book.ts'
import { type Alert, alertsDue, type Cause } from './alerts.ts'
import { webhook } from './webhook.ts'

const failed: Cause = { key: 'post 2026-11-20 ana@x', level: 'error', text: 'A post failed' }
const held: Cause = { key: 'hold 2026-11-20 bob@x', level: 'warning', text: 'An amount is held' }
const always = () => true

describe('alertsDue', () => {
  test('tells once, and once when it is over', () => {
    const [first] = alertsDue({}, [failed, held], always)
    expect(first?.alert).toMatchObject({
      message: 'A post failed\nAn amount is held',
      level: 'error',
    })
    const open = first?.open ?? {}
    expect(alertsDue(open, [failed, held], always)).toEqual([])
    const healed = alertsDue(open, [held], always)
    expect(healed.map(({ alert }) => alert)).toMatchObject([
      { message: 'A post failed', level: 'ok' },
    ])
    expect(Object.keys(healed[0]?.open ?? {})).toEqual([held.key])
  })

  test('something new and something over are two messages', () => {
    const due = alertsDue({ [failed.key]: failed.text }, [held], always)
    expect(due.map(({ alert }) => alert.level)).toEqual(['warning', 'ok'])
    expect(due.map(({ open }) => Object.keys(open))).toEqual([[failed.key, held.key], [held.key]])
  })

  test('what a run does not check stays open', () => {
    expect(alertsDue({ [failed.key]: failed.text }, [], () => false)).toEqual([])
  })

  test('a warning alone is no error, and many causes are cut', () => {
    const many = Array.from({ length: 12 }, (_, index) => ({ ...held, key: `k${index}` }))
    const [due] = alertsDue({}, many, always)
    expect(alertsDue({}, many.slice(0, 10), always)[0]?.alert.message).not.toContain('more')
    expect(due?.alert.level).toBe('warning')
    expect(due?.alert.message).toContain('… 2 more')
  })
})

test('what could not be sent is sent by the next run', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'presences-alerts-'))
  const store = createFolderStore(folder)
  const sent: Alert[] = []
  const warnings: string[] = []
  const log = { debug() {}, info() {}, error() {}, warn: (line: string) => warnings.push(line) }
  const now = () => new Date('2026-11-20T21:15:00Z')
  let isDown = true
  const send = async (alert: Alert) => {
    if (isDown) throw new Error('it answered 503')
    sent.push(alert)
  }
  await tellAlerts([failed], always, { store, send, log, now })
  expect(warnings).toEqual(["Can't tell ALERT_WEBHOOK_URL what there is to do: it answered 503"])
  isDown = false
  for (let run = 0; run < 2; run += 1) await tellAlerts([failed], always, { store, send, log, now })
  await tellAlerts([], always, { store, send, log, now })
  expect(sent.map(({ level }) => level)).toEqual(['error', 'ok'])
  await rm(folder, { recursive: true })
})

test.each([
  ['can not be read', (key: string) => Promise.reject(new Error(`no ${key}`)), []],
  ['is damaged', async () => ({ bytes: Buffer.from('{'), etag: 'e' }), ['{']],
  [
    'is of another program',
    async () => ({ bytes: Buffer.from('{"version":2}'), etag: 'e' }),
    ['{"version":2}'],
  ],
])('people are told all the same when the book %s, which is kept', async (_, get, kept) => {
  const sent: Alert[] = []
  const written: string[] = []
  const store = {
    get,
    put: async (_key: string, bytes: Uint8Array) => {
      written.push(String(bytes))
      return { outcome: 'written', etag: 'f' }
    },
  } as unknown as Store
  const log = { debug() {}, info() {}, error() {}, warn() {} }
  const now = () => new Date('2026-11-20T21:15:00Z')
  const send = async (alert: Alert) => void sent.push(alert)
  await tellAlerts([failed], always, { store, send, log, now })
  expect(sent.map(({ message }) => message)).toEqual([failed.text])
  const book = JSON.stringify({ version: 1, open: { [failed.key]: failed.text } })
  expect(written).toEqual([...kept, book])
})

describe('the webhook', () => {
  const alert: Alert = { title: 't', message: 'm', level: 'error' }
  test('posts JSON', async () => {
    const requests: unknown[] = []
    await webhook('https://hooks.example.org/secret', async (_url, init) => {
      requests.push(JSON.parse(String(init?.body)))
      return new Response('ok')
    })(alert)
    expect(requests).toEqual([alert])
  })

  test.each([302, 307])('follows no redirect (%i): the next run tells it again', async (status) => {
    const asked: string[] = []
    const server = createServer((request, answer) => {
      asked.push(`${request.method} ${request.url}`)
      answer.writeHead(request.url === '/hook' ? status : 200, { Location: '/elsewhere' }).end()
    })
    const port = await listen(server)
    const warnings: string[] = []
    const folder = await mkdtemp(join(tmpdir(), 'presences-redirect-'))
    const store = createFolderStore(folder)
    const now = () => new Date('2026-11-20T21:15:00Z')
    const send = webhook(`http://127.0.0.1:${port}/hook`, fetch)
    const log = { debug() {}, info() {}, error() {}, warn: (line: string) => warnings.push(line) }
    for (let night = 0; night < 2; night += 1)
      await tellAlerts([failed], always, { store, send, log, now })
    server.closeAllConnections()
    server.close()
    await rm(folder, { recursive: true })
    expect(asked).toEqual(['POST /hook', 'POST /hook'])
    expect(warnings).toEqual(Array(2).fill(expect.stringContaining(`${status}, a redirect`)))
  })

  test('says what failed, without the address', async () => {
    const refused = webhook(
      'https://hooks.example.org/secret',
      async () => new Response('', { status: 500 }),
    )
    await expect(refused(alert)).rejects.toThrow('it answered 500')
    const gone = webhook('https://hooks.example.org/secret', async () => {
      throw new TypeError('fetch failed', { cause: new Error('ECONNREFUSED') })
    })
    await expect(gone(alert)).rejects.toThrow(/^it can't be reached \(ECONNREFUSED\)$/)
  })
})
