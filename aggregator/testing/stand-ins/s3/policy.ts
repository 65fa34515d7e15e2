/**
 * What a key may do by a policy's own words: of AWS's language what the examples of `infra/box` use, and no more. What no
 * statement allows is denied. Pure.
 */

/** A policy as it is given to a provider, of a bucket or of a user. */
export interface S3Policy {
  readonly Statement: readonly S3Statement[]
}

interface S3Statement {
  readonly Effect: 'Allow'
  readonly Action: readonly string[]
  readonly Resource: readonly string[]
  readonly Condition?: { readonly StringEquals: { readonly 's3:x-amz-acl': readonly string[] } }
}

/** What is asked to be stored, and with which ACL; `''`: none. */
export interface StoreAsked {
  readonly bucket: string
  readonly key: string
  readonly acl: string
}

/** True when the policy lets an object be stored; one that comes with an ACL asks for `s3:PutObjectAcl` besides. */
export function mayStore({ Statement }: S3Policy, { bucket, key, acl }: StoreAsked): boolean {
  const resource = `arn:aws:s3:::${bucket}/${key}`
  const allows = (action: string) =>
    Statement.some(
      ({ Action, Resource, Condition }) =>
        Action.includes(action) &&
        Resource.some((pattern) => matches(pattern, resource)) &&
        (Condition?.StringEquals['s3:x-amz-acl'].includes(acl) ?? true),
    )
  return allows('s3:PutObject') && (acl === '' || allows('s3:PutObjectAcl'))
}

/** `*` is any number of characters, `/` among them. */
function matches(pattern: string, resource: string): boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[\\^$.|?+()[\]{}]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`, 's').test(resource)
}
