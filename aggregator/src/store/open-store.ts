/** From STORE_URL to the store itself. The S3 client is loaded only where there is a bucket: it is large. */
import { createFolderStore } from './folder/folder-store.ts'
import type { S3StoreSettings } from './s3/client.ts'
import { type Store, StoreError } from './store.ts'
import { BadStoreUrl, parseStoreUrl, type StoreLocation } from './store-url.ts'

/** Opens the store that `storeUrl` names; sends and reads nothing. Throws StoreError when it names none. */
export async function openStore(
  storeUrl: string,
  settings: Omit<S3StoreSettings, 'bucket' | 'prefix'> = {},
): Promise<Store> {
  const location = locationOf(storeUrl)
  if (location.kind === 'folder') return createFolderStore(location.path)
  const { createS3Store } = await import('./s3/s3-store.ts')
  return createS3Store({ ...settings, bucket: location.bucket, prefix: location.prefix })
}

function locationOf(storeUrl: string): StoreLocation {
  try {
    return parseStoreUrl(storeUrl)
  } catch (error) {
    if (!(error instanceof BadStoreUrl)) throw error
    throw new StoreError(`Open STORE_URL: ${error.message}`, { cause: error })
  }
}
