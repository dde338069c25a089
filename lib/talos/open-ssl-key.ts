/**
 * Talos writes Ed25519 keys as PKCS#8 under the label `ED25519 PRIVATE KEY`, which OpenSSL refuses although the body is
 * what `PRIVATE KEY` holds. Only the label changes; keys of other kinds pass as they are.
 */
export const openSslKey = (pem: string): string => pem.replaceAll('ED25519 PRIVATE KEY', 'PRIVATE KEY');
