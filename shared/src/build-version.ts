/** Which build this is. A bundle knows its commit; sources that are run as they are know their package's version. */

/** Put in by the build (infra/build/version.ts): `1.0.0+git20301122.183000.abc1234`. */
declare const BUILD_VERSION: string | undefined

/** What `--version` says: the build's version, or without one the package's. */
export function buildVersion(packageVersion: string): string {
  return (typeof BUILD_VERSION === 'string' && BUILD_VERSION) || packageVersion
}
