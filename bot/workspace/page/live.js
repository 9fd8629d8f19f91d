/** Keeps one WebSocket open for the chosen person, and comes back when it breaks. */

const FIRST_WAIT = 300;
const LONGEST_WAIT = 5000;

export class Live {
  /** receive(frame) for each frame, the first being `hello`; lost() once when the connection breaks. */
  constructor(receive, lost) {
    this.receive = receive;
    this.lost = lost;
    this.wait = FIRST_WAIT;
  }

  connect(person) {
    this.person = person;
    clearTimeout(this.retry);
    const before = this.socket;
    const address = new URL(`/page/live?as=${encodeURIComponent(person)}`, location.href);
    address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = (this.socket = new WebSocket(address));
    before?.close();
    socket.onmessage = (event) => {
      if (socket !== this.socket) return;
      this.wait = FIRST_WAIT;
      this.receive(JSON.parse(event.data));
    };
    socket.onclose = () => {
      if (socket !== this.socket) return;
      this.lost();
      this.retry = setTimeout(() => this.connect(this.person), this.wait);
      this.wait = Math.min(this.wait * 2, LONGEST_WAIT);
    };
  }
}
