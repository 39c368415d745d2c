// Draws the OpenAPI document. Every text goes in as text, never as markup.

const METHODS = ['get', 'post', 'put', 'patch', 'delete']

/** An element with a class, properties and children. */
function el(name, className, ...children) {
  const element = document.createElement(name)
  if (className) element.className = className
  element.append(...children.filter((child) => child !== null && child !== undefined))
  return element
}

/** What a reference inside the document points at. */
function follow(api, node) {
  if (!node?.$ref) return node
  return node.$ref.slice(2).split('/').reduce((at, key) => at?.[key], api)
}

const nameOf = (schema) => schema?.$ref?.split('/').pop()

/** A schema in a few words, such as `Row[]` or `string | null`. */
function brief(api, schema) {
  if (!schema) return 'anything'
  if (schema.$ref) return nameOf(schema)
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ')
  const choices = schema.oneOf ?? schema.anyOf
  if (choices) return choices.map((choice) => brief(api, choice)).join(' | ')
  if (schema.allOf) return schema.allOf.map((part) => brief(api, part)).join(' & ')
  const types = [].concat(schema.type ?? 'object')
  return types.map((type) => (type === 'array' ? `${brief(api, schema.items)}[]` : type)).join(' | ')
}

/** The named or structured schema inside, worth opening; null for plain values. */
function inner(schema) {
  if (!schema) return null
  if (schema.$ref || schema.properties) return schema
  if (schema.items) return inner(schema.items)
  const choices = [...(schema.oneOf ?? []), ...(schema.anyOf ?? []), ...(schema.allOf ?? [])]
  return choices.some((choice) => inner(choice)) ? schema : null
}

/** A schema that opens on demand, so that those that contain themselves end. */
function tree(api, schema, seen = []) {
  const target = follow(api, schema)
  const label = el('summary', 'type', brief(api, schema))
  const body = el('div')
  const box = el('details', null, label, body)
  box.addEventListener('toggle', () => {
    if (!box.open || body.childElementCount) return
    if (target?.description) body.append(el('p', 'soft', target.description))
    body.append(...parts(api, target, [...seen, nameOf(schema)]))
  }, { once: false })
  return box
}

function parts(api, schema, seen) {
  if (!schema) return []
  const choices = schema.oneOf ?? schema.anyOf ?? schema.allOf
  if (choices) {
    return choices.filter((choice) => choice.type !== 'null').map((choice) => {
      const tag = Object.values(choice.properties ?? {}).find((p) => p.enum?.length === 1)?.enum[0]
      const node = inner(choice) ? tree(api, choice, seen) : el('div', 'type', brief(api, choice))
      if (tag && node.firstChild) node.firstChild.textContent = tag
      return node
    })
  }
  if (schema.items) return parts(api, follow(api, schema.items), seen)
  if (!schema.properties) return [el('div', 'type', brief(api, schema))]
  const rows = Object.entries(schema.properties).map(([name, property]) => {
    const required = schema.required?.includes(name)
    const opens = inner(property)
    const type = opens ? tree(api, opens === property ? property : opens, seen) : el('span', 'type', brief(api, property))
    return el('tr', null,
      el('td', null, el('code', null, name), required ? null : el('span', 'soft', ' optional')),
      el('td', null, type),
      el('td', null, property.description ?? follow(api, property)?.description ?? ''))
  })
  return [el('table', null, el('tbody', null, ...rows))]
}

function parameters(api, operation) {
  const list = (operation.parameters ?? []).map((parameter) => follow(api, parameter))
  if (!list.length) return null
  const rows = list.map((parameter) => el('tr', null,
    el('td', null, el('code', null, parameter.name), el('span', 'soft', ` ${parameter.in}${parameter.required ? '' : ', optional'}`)),
    el('td', 'type', brief(api, parameter.schema)),
    el('td', null, parameter.description ?? '')))
  return el('table', null, el('tbody', null, ...rows))
}

function content(api, title, message) {
  const entries = Object.entries(message?.content ?? {})
  return entries.map(([kind, media]) => el('div', null, el('span', 'soft', `${title} ${kind} `), tree(api, media.schema)))
}

function article(api, method, path, operation) {
  const id = operation.operationId
  const heading = el('h3', null, el('span', 'method', method.toUpperCase()), ` ${path}`)
  const body = content(api, 'Body', follow(api, operation.requestBody))
  const answers = Object.entries(operation.responses ?? {}).flatMap(([status, answer]) => {
    const told = follow(api, answer)
    const bodies = content(api, `${status} ${told?.description ?? ''}`, told)
    return bodies.length ? bodies : [el('div', 'soft', `${status} ${told?.description ?? ''}`)]
  })
  const open = operation.security ? null : el('p', 'soft', 'Anybody may call this.')
  const section = el('article', null, heading, el('p', null, operation.summary ?? operation.description ?? ''), open, parameters(api, operation), ...body, ...answers)
  section.id = id
  section.dataset.words = `${method} ${path} ${operation.summary ?? ''}`.toLowerCase()
  return section
}

function draw(api) {
  const groups = new Map()
  for (const [path, item] of Object.entries(api.paths)) {
    for (const method of METHODS) {
      const operation = item[method]
      if (!operation) continue
      const tag = operation.tags?.[0] ?? 'Other'
      if (!groups.has(tag)) groups.set(tag, [])
      groups.get(tag).push({ method, path: `${api.servers?.[0]?.url ?? ''}${path}`, operation })
    }
  }
  const main = document.getElementById('operations')
  const nav = document.getElementById('contents')
  main.replaceChildren(el('p', null, api.info.description ?? ''))
  for (const [tag, operations] of [...groups].sort(([a], [b]) => a.localeCompare(b))) {
    main.append(el('h2', null, tag))
    nav.append(el('strong', null, tag))
    for (const { method, path, operation } of operations) {
      main.append(article(api, method, path, operation))
      const link = el('a', null, el('span', 'method', method.toUpperCase()), path.replace('/api/v1', ''))
      link.href = `#${operation.operationId}`
      nav.append(link)
    }
  }
  const live = ['LiveClientMessage', 'LiveServerMessage'].map((name) => tree(api, { $ref: `#/components/schemas/${name}` }))
  main.append(el('h2', null, 'Live (WebSocket /api/v1/live)'), ...live)
}

function filter(text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  for (const section of document.querySelectorAll('article')) {
    section.hidden = !words.every((word) => section.dataset.words.includes(word))
  }
}

document.getElementById('filter').addEventListener('input', (event) => filter(event.target.value))

try {
  const response = await fetch('/api/v1/openapi.json')
  draw(await response.json())
  if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView()
} catch (error) {
  document.getElementById('operations').replaceChildren(el('p', null, `The document cannot be read: ${error}`))
}
