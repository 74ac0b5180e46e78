/** Prints what pages expose, where `waft serve` would store it. */
export async function POST(request) {
  console.log(`exposed: ${await request.text()}`);
  return Response.json({});
}
