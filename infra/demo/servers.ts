/** What the demo charges against: an S3 server and a ticket server of its own, on the loopback only. */
import { join } from 'node:path'
import { startS3Server } from '@presences/aggregator/testing/stand-ins/s3/s3-server.ts'
import { startTicketServer } from '@presences/aggregator/testing/stand-ins/tickets/ticket-server.ts'
import { writeRcloneConfig } from '../box/run-ship.ts'
import { LATE_DEVICE, PEOPLE } from './lan-day.ts'

const BUCKET = 'demo-space'
const PROBE_KEY = {
  accessKeyId: 'demo-probe',
  secretAccessKey: 'a secret of the demo probe',
  allow: { putOnly: 'presences/' },
} as const
const AGGREGATOR_KEY = {
  accessKeyId: 'demo-aggregator',
  secretAccessKey: 'a secret of the demo aggregator',
  allow: 'all',
} as const

/** Starts both servers. `shipping` and `aggregatorEnv` configure what talks to them. */
export async function startServers(folder: string) {
  const s3 = await startS3Server({ buckets: [BUCKET], keys: [PROBE_KEY, AGGREGATOR_KEY] })
  const tickets = await startTicketServer({
    members: PEOPLE.map(({ devices, ...person }) => ({
      ...person,
      macs: devices.map(({ mac }) => mac).filter((mac) => mac !== LATE_DEVICE.mac),
    })),
  })
  const rcloneConfig = join(folder, 'rclone.conf')
  await writeRcloneConfig(rcloneConfig, { endpoint: s3.endpoint, ...PROBE_KEY })
  return {
    s3,
    tickets,
    shipping: { bucket: BUCKET, rcloneConfig },
    aggregatorEnv: {
      STORE_URL: `s3://${BUCKET}`,
      S3_ENDPOINT: s3.endpoint,
      S3_REGION: 'local',
      S3_FORCE_PATH_STYLE: 'true',
      AWS_ACCESS_KEY_ID: AGGREGATOR_KEY.accessKeyId,
      AWS_SECRET_ACCESS_KEY: AGGREGATOR_KEY.secretAccessKey,
      TICKET_BACKEND_URL: tickets.url,
      TICKET_BACKEND_TOKEN: tickets.key,
    },
    stored: () => s3.keysOf(BUCKET).filter((key) => key.startsWith('presences/')).length,
    close: () => Promise.all([s3.close(), tickets.close()]),
  }
}
