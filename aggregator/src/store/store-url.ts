/** What STORE_URL names: `s3://bucket[/prefix]` or `file:///folder`. Pure: nothing is opened. */
import { fileURLToPath } from 'node:url'

export type StoreLocation =
  | { readonly kind: 's3'; readonly bucket: string; readonly prefix: string }
  | { readonly kind: 'folder'; readonly path: string }

const ACCEPTED = 's3://bucket, s3://bucket/prefix or file:///folder'
const BUCKET = /^[A-Za-z0-9][A-Za-z0-9._-]{1,62}$/

/** A STORE_URL that names no store. */
export class BadStoreUrl extends Error {
  override readonly name = 'BadStoreUrl'
}

/** Reads a STORE_URL. Throws BadStoreUrl saying what is wrong; never repeats it: a key may be in it. */
export function parseStoreUrl(text: string): StoreLocation {
  const [, scheme, rest = ''] = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/(.*)$/s.exec(text) ?? []
  if (scheme === 's3') return parseBucket(rest)
  if (scheme === 'file') return parseFolder(text, rest)
  if (scheme === 'http' || scheme === 'https') {
    throw new BadStoreUrl(
      `an address of a server goes into S3_ENDPOINT; STORE_URL names the bucket: ${ACCEPTED}`,
    )
  }
  if (text.startsWith('/')) {
    throw new BadStoreUrl('a folder is written with file:// before it: file:///folder')
  }
  throw new BadStoreUrl(`it must be ${ACCEPTED}`)
}

function parseBucket(rest: string): StoreLocation {
  if (rest.includes('@')) {
    throw new BadStoreUrl(
      'keys do not go into STORE_URL; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
    )
  }
  const [bucket = '', ...segments] = rest.replace(/\/$/, '').split('/')
  if (!BUCKET.test(bucket)) {
    throw new BadStoreUrl(`what follows s3:// is no bucket name (it must be ${ACCEPTED})`)
  }
  if (segments.some((segment) => segment === '' || segment === '.' || segment === '..')) {
    throw new BadStoreUrl('its prefix has an empty, . or .. part')
  }
  if (/[?#]/.test(rest)) throw new BadStoreUrl('? and # mean nothing in it')
  return { kind: 's3', bucket, prefix: segments.join('/') }
}

function parseFolder(text: string, rest: string): StoreLocation {
  if (!rest.startsWith('/')) {
    throw new BadStoreUrl(
      'a folder is written with three slashes and its whole path: file:///folder',
    )
  }
  if (/[?#]/.test(rest)) throw new BadStoreUrl('? and # in a path are written %3F and %23')
  try {
    return { kind: 'folder', path: fileURLToPath(text).replace(/(?<!\/)\/+$/, '') || '/' }
  } catch (error) {
    throw new BadStoreUrl(`its path can't be read: ${(error as Error).message}`)
  }
}
