// What the floor does, by the package `ws`: sends back what it gets, or passes it on. Its argument is the port.

import { WebSocketServer } from "ws";

const subscribers = new Set();

const server = new WebSocketServer({ host: "127.0.0.1", port: Number(process.argv[2]), backlog: 4096 });
server.on("connection", (socket) => {
  let publishes;
  socket.on("message", (data, binary) => {
    if (publishes) {
      for (const subscriber of subscribers) subscriber.send(data, { binary });
      return;
    }
    // The first message says what the connection is for.
    if (publishes === undefined) {
      const opening = data.toString();
      publishes = opening.includes('"m":"publish"');
      if (opening.includes('"m":"subscribe"')) subscribers.add(socket);
    }
    socket.send(data, { binary });
  });
  socket.on("close", () => subscribers.delete(socket));
  // A load that has measured enough just goes.
  socket.on("error", () => {});
});
