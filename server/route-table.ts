// Which methods a path has, so that a wrong method is told from a wrong path (SPEC.md section 11).
import type { FastifyInstance } from 'fastify';

export interface RouteTable {
  /** The methods of the route that a URL belongs to; none for an unknown path. */
  methodsOf(url: string): readonly string[];
}

/** Collects the routes that are added to the app from now on. */
export function buildRouteTable(app: FastifyInstance): RouteTable {
  const methods = new Map<string, Set<string>>();
  app.addHook('onRoute', (route) => {
    const known = methods.get(route.url) ?? new Set();
    for (const method of [route.method].flat()) known.add(method);
    methods.set(route.url, known);
  });
  return {
    methodsOf(url) {
      const path = url.split('?', 1)[0] as string;
      const found = [...methods].find(([pattern]) => expressionOf(pattern).test(path));
      return found === undefined ? [] : [...found[1]].sort();
    },
  };
}

function expressionOf(pattern: string): RegExp {
  const segments = pattern.split('/').map((part) => (part.startsWith(':') ? '[^/]+' : part));
  return new RegExp(`^${segments.join('/')}$`);
}
