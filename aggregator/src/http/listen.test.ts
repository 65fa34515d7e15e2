/** How the service's socket is shut. That nothing but the shutting did it is seen by patience that would not have. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { type Listening, listen } from './listen.ts'

const NEVER_MS = 2 ** 31 - 1
const get = 'GET / HTTP/1.1\r\nHost: x\r\n'

function serving(fetch: () => Response | Promise<Response>): Promise<Listening> {
  return listen(fetch, { host: '127.0.0.1', port: 0 })
}

/** A connection that says `text`; `heard` resolves to all that came back by the time it is shut. */
async function connection(port: number, text: string) {
  const socket = connect(port, '127.0.0.1')
  const chunks: string[] = []
  socket.on('data', (chunk) => chunks.push(String(chunk)))
  const heard = new Promise<string>((resolve) => {
    socket.once('close', () => resolve(chunks.join('')))
  })
  // A reset is an end like another.
  socket.on('error', () => {})
  await once(socket, 'connect')
  if (text !== '') await new Promise<void>((sent) => socket.write(text, () => sent()))
  return { socket, heard }
}

test.each([
  ['has said nothing yet', ''],
  ['stopped in its first line', 'GET /heal'],
  ['stopped in its header', get],
])('a connection that %s ends at once', async (_, text) => {
  const server = await serving(() => new Response('ok'))
  const { heard } = await connection(server.port, text)
  // By the time that a later request is answered, what was said before has come.
  expect((await fetch(`http://127.0.0.1:${server.port}`)).status).toBe(200)
  await server.close(NEVER_MS)
  // Not even that it took too long, which node would have said in a while.
  expect(await heard).toBe('')
})

test('who is being answered is answered, and then ended, asked for to be kept or not', async () => {
  let answer = (_: Response) => {}
  let isAsked = () => {}
  const asked = new Promise<void>((resolve) => {
    isAsked = resolve
  })
  const server = await serving(() => {
    isAsked()
    return new Promise((resolve) => {
      answer = resolve
    })
  })
  const { heard } = await connection(server.port, `${get}Connection: keep-alive\r\n\r\n`)
  await asked
  const closed = server.close(NEVER_MS)
  const long = 'x'.repeat(1_000_000)
  answer(new Response(long))
  expect((await heard).endsWith(long)).toBe(true)
  await closed
})

test('who never takes an answer is waited for no longer than there is patience', async () => {
  const server = await serving(
    () => new Response(new ReadableStream({ pull: (to) => to.enqueue(new Uint8Array(65_536)) })),
  )
  const { socket, heard } = await connection(server.port, `${get}\r\n`)
  await once(socket, 'data')
  socket.pause()
  await server.close(1)
  socket.resume()
  await heard
})
