import { type AnyRoute, createRoute } from '@tanstack/react-router'
import { page } from './routes.ts'

/** The tables and their rows, below the member's frame. What is looked for stands in the address. */
export function dataRoutes<Parent extends AnyRoute>(member: Parent) {
  const data = createRoute({
    getParentRoute: () => member,
    path: '/data',
    component: page('tables', () => import('../features/tables/data-page.tsx'), 'DataPage'),
  })
  const start = createRoute({
    getParentRoute: () => data,
    path: '/',
    component: page('tables', () => import('../features/tables/data-page.tsx'), 'NoTable'),
  })
  const table = createRoute({
    getParentRoute: () => data,
    path: '/$table',
    component: page('tables', () => import('../features/tables/table-page.tsx'), 'TablePage'),
  })
  return data.addChildren([start, table])
}
