/**
 * The SDK reads the machine's AWS files when it is first used, and a file read ends earlier one time and later
 * another: it does so here, before a world begins. What it found, it keeps.
 */
import { openStore } from '@presences/aggregator/store/open-store.ts'
import type { Store } from '@presences/aggregator/store/store.ts'
import { randomOf } from '../../random.ts'
import { createBucket } from './bucket.ts'
import { s3LineOf } from './s3-line.ts'
import type { StoreTroubles } from './store-troubles.ts'

let warmed: Promise<void> | undefined

/** Every kind of request once, in real time. */
export function warmUp(): Promise<void> {
  warmed ??= useOnce()
  return warmed
}

async function useOnce(): Promise<void> {
  const store = await quietStore()
  await store.put('presences/a', Buffer.from('x'))
  await store.put('presences/a', Buffer.from('x'), { ifAbsent: true })
  await store.folders('')
  for await (const _ of store.list('')) {
    // Listed is enough.
  }
  await store.get('presences/a')
  await store.get('presences/b')
}

function quietStore(): Promise<Store> {
  const troubles: StoreTroubles = {
    isDown: () => false,
    get: 0,
    list: 0,
    put: 0,
    staleList: 0,
    unlisted: 0,
    staleGet: 0,
    now: 0,
    lostAnswer: 0,
    conditions: 'honoured',
  }
  const program = {
    name: 'warm-up',
    perform: async <Result>({ work }: { work: () => Result | Promise<Result> }) => work(),
    whileAlive: (action: () => void) => action,
    killed: new Promise<'killed'>(() => {}),
  }
  return openStore('s3://space', {
    endpoint: 'http://bucket.simulated',
    credentials: { accessKeyId: 'simulated', secretAccessKey: 'simulated' },
    requestHandler: s3LineOf(program, {
      bucket: createBucket(() => 0),
      time: { now: () => 0 } as never,
      random: randomOf('warm-up'),
      troubles: () => troubles,
    }),
  })
}
