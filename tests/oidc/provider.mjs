// The OpenID provider that the tests sign in with: the certified `oidc-provider` on loopback, with
// people of the test's choosing, and on demand with tokens that no honest provider would give.
//
//   node provider.mjs PACKAGE    prints where it listens; PACKAGE is the main file of `oidc-provider`
//   POST /test/configure         {origin, people, auto}: where oxFlow is, who there is, who signs in by themselves
//   POST /test/misbehave         {how}: what is wrong with ID tokens from now on; null for nothing
//   POST /test/rotate            a new key signs from now on, and the old one is gone
//   POST /test/session           {subject}: the name of the session it signed somebody in with last
//   POST /test/logout            {subject, wrong}: sends a logout token to oxFlow; gives what it answered

import { generateKeyPairSync, randomUUID, createHmac, createSign } from 'node:crypto'
import { createServer } from 'node:http'
import { pathToFileURL } from 'node:url'

const { Provider } = await import(pathToFileURL(process.argv[2]).href)

const CLIENT_ID = 'oxflow'
const CLIENT_SECRET = 'test-secret-test-secret-test-secret-0'
const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout'

let state = { origin: '', people: {}, auto: null, how: null, codeSeconds: 60 }
let key = newKey()
let provider
// What the ID tokens last given said of each subject's session.
const sessions = {}

function newKey() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const kid = randomUUID()
  return { kid, privateKey, jwk: { ...privateKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256' } }
}

function makeProvider(issuer) {
  const made = new Provider(issuer, {
    jwks: { keys: [key.jwk] },
    cookies: { keys: ['only a test'] },
    clients: [{
      client_id: CLIENT_ID, client_secret: CLIENT_SECRET, grant_types: ['authorization_code'], response_types: ['code'],
      redirect_uris: [`${state.origin}/api/v1/session/oidc/test/callback`],
      post_logout_redirect_uris: [`${state.origin}/sign-in`],
      backchannel_logout_uri: `${state.origin}/api/v1/session/oidc/test/logout`, backchannel_logout_session_required: true,
    }],
    conformIdTokenClaims: false,
    claims: { openid: ['sub', 'groups'], email: ['email', 'email_verified'], profile: ['name'] },
    features: { devInteractions: { enabled: false }, backchannelLogout: { enabled: true }, rpInitiatedLogout: { enabled: true } },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    ttl: { AuthorizationCode: () => state.codeSeconds, Session: 3600, Grant: 3600, Interaction: 600, IdToken: 600, AccessToken: 600 },
    findAccount: (_, id) => (state.people[id] ? { accountId: id, claims: () => ({ sub: id, ...state.people[id] }) } : undefined),
    // Nobody is asked whether oxFlow may know their name.
    loadExistingGrant: async (ctx) => {
      const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId })
      grant.addOIDCScope('openid email profile')
      await grant.save()
      return grant
    },
  })
  made.use(async (ctx, next) => {
    await next()
    if (ctx.path === '/token' && ctx.body?.id_token) {
      const { sub, sid } = JSON.parse(Buffer.from(ctx.body.id_token.split('.')[1], 'base64url').toString())
      sessions[sub] = sid
    }
    if (ctx.path === '/token' && ctx.body?.id_token && state.how) ctx.body = spoilt(ctx.body)
  })
  return made
}

const encoded = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')

function signed(payload, { header = {}, by = key.privateKey } = {}) {
  const input = `${encoded({ alg: 'RS256', kid: key.kid, typ: 'JWT', ...header })}.${encoded(payload)}`
  return `${input}.${createSign('RSA-SHA256').update(input).sign(by, 'base64url')}`
}

/** The answer of the token endpoint with an ID token that must not be believed. */
function spoilt(body) {
  const [head, middle] = body.id_token.split('.')
  const payload = JSON.parse(Buffer.from(middle, 'base64url').toString())
  const now = Math.floor(Date.now() / 1000)
  const tokens = {
    'wrong-nonce': () => signed({ ...payload, nonce: 'another' }),
    'no-nonce': () => signed({ ...payload, nonce: undefined }),
    'wrong-audience': () => signed({ ...payload, aud: 'another' }),
    'two-audiences': () => signed({ ...payload, aud: [CLIENT_ID, 'another'] }),
    'wrong-issuer': () => signed({ ...payload, iss: 'https://another.example' }),
    'expired': () => signed({ ...payload, exp: now - 600 }),
    'not-yet': () => signed({ ...payload, iat: now + 600, exp: now + 1200 }),
    'old': () => signed({ ...payload, iat: now - 3600 }),
    'a-minute-fast': () => signed({ ...payload, iat: now + 60 }),
    'unsigned': () => `${head}.${middle}.`,
    'alg-none': () => `${encoded({ alg: 'none' })}.${middle}.`,
    'shared-secret': () => {
      const input = `${encoded({ alg: 'HS256', typ: 'JWT' })}.${middle}`
      return `${input}.${createHmac('sha256', CLIENT_SECRET).update(input).digest('base64url')}`
    },
    'foreign-key': () => signed(payload, { by: newKey().privateKey }),
    'unknown-key': () => signed(payload, { header: { kid: 'unknown' }, by: newKey().privateKey }),
    'missing': () => undefined,
  }
  return { ...body, id_token: tokens[state.how]() }
}

async function logout(issuer, { subject, wrong }) {
  const now = Math.floor(Date.now() / 1000)
  const payload = { iss: issuer, aud: CLIENT_ID, sub: subject, iat: now, exp: now + 120, jti: randomUUID(), events: { [LOGOUT_EVENT]: {} } }
  if (wrong === 'event') delete payload.events
  if (wrong === 'nonce') payload.nonce = 'n'
  if (wrong === 'audience') payload.aud = 'another'
  const by = wrong === 'key' ? newKey().privateKey : key.privateKey
  const body = new URLSearchParams({ logout_token: signed(payload, { header: { typ: 'logout+jwt' }, by }) })
  const answer = await fetch(`${state.origin}/api/v1/session/oidc/test/logout`, { method: 'POST', body })
  return { status: answer.status }
}

async function read(request) {
  const parts = []
  for await (const part of request) parts.push(part)
  return Buffer.concat(parts).toString()
}

const PAGE = (uid) => `<!doctype html><html lang="en"><title>Test provider</title><main><h1>Test provider</h1>
<form method="post" action="/interaction/${uid}"><label>Account <input name="account"></label> <button>Continue</button></form></main></html>`

async function interact(request, response) {
  const { uid, prompt } = await provider.interactionDetails(request, response)
  if (prompt.name !== 'login') throw new Error(`asked for ${prompt.name}`)
  let account = state.auto
  if (!account && request.method === 'POST') account = new URLSearchParams(await read(request)).get('account')
  if (!account) {
    response.setHeader('content-type', 'text/html; charset=utf-8')
    return response.end(PAGE(uid))
  }
  const result = account === 'nobody' ? { error: 'access_denied' } : { login: { accountId: account } }
  return provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false })
}

async function test(issuer, name, request, response) {
  const asked = JSON.parse((await read(request)) || '{}')
  let answer = {}
  if (name === 'configure' || name === 'misbehave') state = { ...state, ...asked }
  if (name === 'rotate') key = newKey()
  if (name === 'configure' || name === 'rotate') provider = makeProvider(issuer)
  if (name === 'session') answer = { issuer, sid: sessions[asked.subject] }
  if (name === 'logout') answer = await logout(issuer, asked)
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify(answer))
}

const server = createServer(async (request, response) => {
  const issuer = `http://127.0.0.1:${server.address().port}`
  const path = new URL(request.url, issuer).pathname
  try {
    if (path.startsWith('/test/')) return await test(issuer, path.slice('/test/'.length), request, response)
    if (path.startsWith('/interaction/')) return await interact(request, response)
    if (!provider) throw new Error('not configured')
    return await provider.callback()(request, response)
  } catch (error) {
    console.error(error)
    response.statusCode = 500
    return response.end(String(error))
  }
})
server.listen(0, '127.0.0.1', () => console.log(`listening on http://127.0.0.1:${server.address().port}`))
// Whoever started it has gone.
process.stdin.on('end', () => process.exit(0)).resume()
