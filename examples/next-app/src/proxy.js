import { NextResponse } from 'next/server';

/** A visitor's first page has an id, too: the cookie that `cookie()` of waft/context reads. */
export function proxy(request) {
  if (request.cookies.has('waft-visitor')) return NextResponse.next();
  const id = crypto.randomUUID();
  request.cookies.set('waft-visitor', id);
  const response = NextResponse.next({ request });
  response.cookies.set('waft-visitor', id, { path: '/', sameSite: 'lax', maxAge: 34_560_000 });
  return response;
}

export const config = { matcher: '/' };
