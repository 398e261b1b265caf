import type { Rings } from '../../src/platform/geo/polygon.ts'

/** None of them is a point on the Earth. */
export const strange = [
  ...['{"type":"point","coordinates":[1,1]}', '{"type":"Point","coordinates":["1",1]}', '[1,1]', '"1,1"', 'null'],
  ...['{"type":"Point","coordinates":[1]}', '{"type":"Point","coordinates":[1,1,1,1]}', '{"type":"Point"}', '1'],
  ...['{"type":"Point","coordinates":[181,1]}', '{"type":"Point","coordinates":[1,-90.5]}', '{"coordinates":[1,1]}'],
  ...['{"type":"Point","coordinates":{"0":1,"1":1}}', '{"type":"Point","coordinates":[[1,1]]}', '[]', 'true'],
  ...['{"type":["Point"],"coordinates":[1,1]}', '[{"type":"Point","coordinates":[1,1]}]', '{}'],
  ...[
    '{"type":"Point","coordinates":[null,1]}',
    '{"type":"Point","coordinates":1}',
    '{"type":"Point","coordinates":[true,1]}',
  ],
]
/** The same numbers in every run. */
function randomOf(seed: number) {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}
const random = randomOf(7)
const grid = Array.from({ length: 11 }, (_, x) => Array.from({ length: 11 }, (_, y): [number, number] => [x, y])).flat()
export const points: readonly [lon: number, lat: number][] = [
  ...grid,
  ...Array.from({ length: 150 }, (): [number, number] => [
    random() * 360 - 180,
    Math.asin(random() * 2 - 1) * 57.29577,
  ]),
  ...Array.from({ length: 100 }, (): [number, number] => [8.5 + random() / 100, 47.4 + random() / 100]),
  ...(
    [
      [180, 0],
      [-180, 0],
      [180, 10],
      [-179.999, 10],
      [0, 90],
      [120, 90],
      [0, -90],
      [1e-200, -1e-300],
    ] as const
  ).map(([lon, lat]): [number, number] => [lon, lat]),
]
const square = (west: number, south: number, size: number) => [
  [west, south],
  [west + size, south],
  [west + size, south + size],
  [west, south + size],
  [west, south],
]
/** The rings of each polygon beside it. */
export const areas: { type: string; coordinates: unknown; polygons: Rings[] }[] = [
  ...[
    [square(1, 1, 6)],
    [square(0, 0, 9), square(2, 2, 4)],
    [
      [
        [0, 0],
        [10, 0],
        [5, 3],
        [10, 10],
        [0, 10],
        [5, 5],
        [0, 0],
      ],
    ],
    [
      [
        [0, 0],
        [10, 10],
        [10, 0],
        [0, 10],
        [0, 0],
      ],
    ],
    [
      [
        [0.5, 0],
        [3, 7],
        [9, 1],
        [0.5, 0],
      ],
      square(3, 2, 1),
      square(4, 3, 1),
    ],
    [
      [
        [8.5, 47.4],
        [8.51, 47.4],
        [8.505, 47.41],
        [8.5, 47.4],
      ],
    ],
  ].map((rings) => ({ type: 'Polygon', coordinates: rings, polygons: [rings] })),
  ...[
    [[square(0, 0, 2)], [square(1, 1, 3), square(2, 2, 1)]],
    [[square(170, -20, 10)], [square(-180, 5, 6)]],
  ].map((polygons) => ({ type: 'MultiPolygon', coordinates: polygons, polygons })),
]
export const ring = (count: number) => [...Array(count).keys(), 0].map((x) => [x / 10, x % 2])
export const area = (...coordinates: unknown[]) => ({ type: 'Polygon', coordinates })
/** Tests of a column `at`, and where each is wrong. */
export const noPlaces = [
  [{ near: [181, 0, 5] }, '/at/near/0'],
  [{ near: [0, -90.1, 5] }, '/at/near/1'],
  [{ near: [0, 0, 0] }, '/at/near/2'],
  [{ near: [0, 0, -1] }, '/at/near/2'],
  [{ near: [0, 0, 1e9] }, '/at/near/2'],
  [{ near: [0, 0] }, '/at/near'],
  [{ near: '0,0,5' }, '/at/near'],
  [{ near: ['0', 0, 5] }, '/at/near'],
  [{ near: null }, '/at/near'],
  [{ bbox: [0, 5, 1, 4] }, '/at/bbox'],
  [{ bbox: [0, 5, 1] }, '/at/bbox'],
  [{ bbox: [0, 5, 1, 91] }, '/at/bbox'],
  [{ bbox: { west: 0 } }, '/at/bbox'],
  [{ within: { type: 'Point', coordinates: [1, 1] } }, '/at/within'],
  [{ within: 'x' }, '/at/within'],
  [{ within: null }, '/at/within'],
  [{ within: area() }, '/at/within/coordinates'],
  [
    {
      within: area([
        [0, 0],
        [1, 1],
        [0, 0],
      ]),
    },
    '/at/within/coordinates',
  ],
  [
    {
      within: area([
        [0, 0],
        [1, 0],
        [1, 1],
        [0, 1],
      ]),
    },
    '/at/within/coordinates/0',
  ],
  [
    {
      within: area([
        [0, 0],
        [1, 0],
        [1, 99],
        [0, 0],
      ]),
    },
    '/at/within/coordinates/0/2/1',
  ],
  [
    {
      within: area([
        [0, 0],
        [1, 0],
        ['1', 9],
        [0, 0],
      ]),
    },
    '/at/within/coordinates/0/2',
  ],
  [{ within: area(ring(500)) }, '/at/within/coordinates'],
] as const
