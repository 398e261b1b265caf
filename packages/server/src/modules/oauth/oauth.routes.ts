import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { AppError } from '../../platform/errors.ts'
import { Problem } from '../../platform/http/schemas.ts'
import { pendingSeconds } from '../accounts/index.ts'
import type { SessionDoorkeeper } from '../sessions/index.ts'
import { answerSignIn, SignInAnswer } from '../sign-in/index.ts'
import { InitiateQuery, LinkAnswer, LinkRequest, OAuthExchange, ProviderId, ProviderList } from './oauth.schema.ts'
import { type Departure, flowSeconds, type OAuthService } from './oauth.service.ts'
import { ownPath, withParameter } from './own-path.ts'

const tags = ['oauth']
const params = Type.Object({ provider: ProviderId })
const Redirect = Type.Null({ description: 'Where to go is in Location' })

export interface OAuthRoutesDependencies {
  oauth: OAuthService
  door: SessionDoorkeeper
}

/** The same under /api/v1 and, `hidden`, at the root: the addresses that are registered with providers stay short. */
export const oauthRoutes =
  ({ oauth, door }: OAuthRoutesDependencies, { hidden }: { hidden: boolean }): FastifyPluginAsyncTypebox =>
  async (app) => {
    const named = (operationId: string, summary: string) => (hidden ? { hide: true } : { operationId, summary, tags })
    const depart = (reply: FastifyReply, departure: Departure): string => {
      door.setOAuthToken(reply, departure.browserToken, flowSeconds)
      reply.header('cache-control', 'no-store')
      return departure.url
    }

    /** Two of the name are as good as none: neither is known to be this browser's. */
    const browserTokenOf = (request: FastifyRequest): string | undefined => {
      try {
        return door.oauthToken(request)
      } catch {
        return undefined
      }
    }

    app.get('/oauth/providers', {
      config: { access: 'public' },
      schema: { ...named('listOAuthProviders', 'The ways in through other accounts'), response: { 200: ProviderList } },
      handler: async (_request, reply) => {
        reply.header('cache-control', 'no-store')
        return oauth.list()
      },
    })

    app.get('/oauth/:provider/initiate', {
      config: { access: 'public' },
      schema: {
        ...named('initiateOAuth', 'Go to a provider to sign in; opened in the browser, not fetched'),
        params,
        querystring: InitiateQuery,
        response: { 204: Type.Null(), 302: Redirect, 404: Problem, 422: Problem, 502: Problem, 503: Problem },
      },
      handler: async (request, reply) => {
        // Looked at, not gone to: nothing is begun and no cookie changes.
        if (isPreview(request)) return reply.code(204).header('cache-control', 'no-store').send(null)
        const { params, query } = request
        try {
          const departure = await oauth.initiate(params.provider, query, browserTokenOf(request))
          return reply.redirect(depart(reply, departure), 302)
        } catch (error) {
          // A person is better off on a page of ours than before a JSON document.
          if (!(error instanceof AppError) || !isOfProvider(error) || !wantsPage(request)) throw error
          const back = ownPath(query.redirect_to) ?? '/sign-in'
          return reply.header('cache-control', 'no-store').redirect(withParameter(back, 'error', error.code), 302)
        }
      },
    })

    app.get('/oauth/:provider/callback', {
      config: { access: 'optional', sessionOnly: true },
      schema: {
        ...named('completeOAuth', 'Where a provider sends the browser back to; tells of errors as ?error='),
        params,
        response: { 204: Type.Null(), 302: Redirect, 404: Problem },
      },
      handler: async (request, reply) => {
        // Only a person who arrives uses the state up: neither a scanner nor a browser that reads ahead.
        if (isPreview(request)) return reply.code(204).header('cache-control', 'no-store').send(null)
        const { to, signedIn, registrationToken } = await oauth.arrive({
          providerId: request.params.provider,
          search: new URL(request.url, 'http://own.invalid').search,
          browserToken: browserTokenOf(request),
          visitor: request.visitor,
          client: request.client,
          deviceToken: door.deviceToken(request),
        })
        if (signedIn) door.deliver(reply, signedIn.issued)
        if (registrationToken !== undefined) door.setRegistrationToken(reply, registrationToken, pendingSeconds)
        return reply.header('cache-control', 'no-store').redirect(to, 302)
      },
    })

    app.post('/oauth/:provider/link', {
      config: { access: 'user', recentAuth: true },
      schema: {
        ...named('linkOAuth', 'Begin to link an identity to the account of the caller'),
        params,
        body: Type.Optional(Type.Union([LinkRequest, Type.Null()])),
        response: { 200: LinkAnswer, 401: Problem, 403: Problem, 404: Problem, 502: Problem, 503: Problem },
      },
      handler: async (request, reply) => {
        const { actor, params, body } = request
        const departure = await oauth.link(actor, params.provider, body?.redirect_to, browserTokenOf(request))
        return { url: depart(reply, departure) }
      },
    })

    app.post('/oauth/exchange', {
      config: { access: 'public' },
      schema: {
        ...named('exchangeOAuthCode', 'For apps: swap the code that came back for tokens'),
        body: OAuthExchange,
        response: { 200: SignInAnswer, 400: Problem, 403: Problem, 422: Problem },
      },
      handler: async (request, reply) => {
        door.assertMayDeliver(request, 'body')
        return answerSignIn(door, reply, await oauth.exchange(request.body, request.client))
      },
    })
  }

const isOfProvider = ({ code }: AppError): boolean => code === 'provider_error' || code === 'provider_unavailable'

const isPreview = ({ method, headers }: FastifyRequest): boolean =>
  method === 'HEAD' ||
  [headers.purpose, headers['sec-purpose'], headers['x-moz']].some((purpose) =>
    /prefetch|prerender/i.test(String(purpose)),
  )

const wantsPage = ({ headers }: FastifyRequest): boolean => headers.accept?.includes('text/html') ?? false
