// Every web socket of the page leads where nobody listens, and fails as any other does then.
globalThis.WebSocket = new Proxy(WebSocket, {
  construct: (target, [, ...more], called) => Reflect.construct(target, ["ws://127.0.0.1:9/", ...more], called),
});
WebSocket.prototype.constructor = WebSocket;
