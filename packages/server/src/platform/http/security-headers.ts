import type { FastifyInstance } from 'fastify'

/** Headers of every answer (OWASP HTTP headers sheet). No X-XSS-Protection: browsers removed it, and it opened holes. */
export const securityHeaders = ({ tls }: { tls: boolean }): Record<string, string> => ({
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  ...(tls ? { 'strict-transport-security': 'max-age=31536000; includeSubDomains' } : {}),
})

export function setSecurityHeaders(app: FastifyInstance, headers: Record<string, string>): void {
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(headers)
    reply.header('x-request-id', request.id)
    done()
  })
}

/** Our own pages may ask where one is; the browser asks the person. */
export const pagePermissions = 'camera=(), geolocation=(self), microphone=(), payment=(), usb=()'

/**
 * The policy of our own pages: nothing from elsewhere but pictures of one address where the operator says so, inline only
 * with this answer's nonce.
 */
export const pagePolicy = (nonce: string, pictures = ''): string =>
  [
    "default-src 'none'",
    `script-src 'self' 'nonce-${nonce}'`,
    `style-src 'self' 'nonce-${nonce}'`,
    `img-src 'self' data: blob:${pictures && ` ${pictures}`}`,
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "object-src 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
