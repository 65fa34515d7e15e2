import { expect, test } from 'vitest'
import { BadStoreUrl, parseStoreUrl } from './store-url.ts'

test.each([
  ['s3://presences', { kind: 's3', bucket: 'presences', prefix: '' }],
  ['s3://presences/', { kind: 's3', bucket: 'presences', prefix: '' }],
  ['s3://presences/metz', { kind: 's3', bucket: 'presences', prefix: 'metz' }],
  ['s3://presences/metz/a b+é/', { kind: 's3', bucket: 'presences', prefix: 'metz/a b+é' }],
  ['s3://My_old.Bucket', { kind: 's3', bucket: 'My_old.Bucket', prefix: '' }],
  ['file:///srv/presences', { kind: 'folder', path: '/srv/presences' }],
  ['file:///srv/presences/', { kind: 'folder', path: '/srv/presences' }],
  ['file:///srv/a%20b%23', { kind: 'folder', path: '/srv/a b#' }],
  ['file:///', { kind: 'folder', path: '/' }],
  ['file:////srv//', { kind: 'folder', path: '//srv' }],
  ['file://///', { kind: 'folder', path: '/' }],
])('%s', (text, location) => {
  expect(parseStoreUrl(text)).toEqual(location)
})

test.each([
  ['', 'it must be s3://bucket, s3://bucket/prefix or file:///folder'],
  ['presences', 'it must be s3://'],
  ['ftp://presences', 'it must be s3://'],
  ['s3:presences', 'it must be s3://'],
  ['/srv/presences', 'a folder is written with file:// before it'],
  ['https://s3.example.org/presences', 'an address of a server goes into S3_ENDPOINT'],
  ['s3://', 'what follows s3:// is no bucket name'],
  ['s3://a', 'what follows s3:// is no bucket name'],
  ['s3://my bucket', 'what follows s3:// is no bucket name'],
  ['s3://bucket:9000/x', 'what follows s3:// is no bucket name'],
  ['s3://bucket//x', 'its prefix has an empty, . or .. part'],
  ['s3://bucket/a/../b', 'its prefix has an empty, . or .. part'],
  ['s3://bucket/a?b=c', '? and # mean nothing in it'],
  ['s3://KEY:hunter2@bucket', 'keys do not go into STORE_URL'],
  ['s3://KEY:hunter2', 'what follows s3:// is no bucket name'],
  ['/hunter2', 'a folder is written with file:// before it'],
  ['file://srv/presences', 'a folder is written with three slashes'],
  ['file:///srv?x', '? and # in a path are written %3F and %23'],
  ['file:///srv%2Fx', "its path can't be read"],
  ['file:///srv/%E0%A4%A', "its path can't be read"],
])('%j is refused', (text, reason) => {
  expect(() => parseStoreUrl(text)).toThrow(BadStoreUrl)
  expect(() => parseStoreUrl(text)).toThrow(reason)
  expect(() => parseStoreUrl(text)).not.toThrow('hunter2')
})
