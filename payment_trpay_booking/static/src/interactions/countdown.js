import { Interaction } from '@web/public/interaction';
import { registry } from '@web/core/registry';

/**
 * Counts down what is left of the time to pay. It asks the clock each time, so that a phone that
 * slept shows the right time when it wakes. How much is left in the beginning is the server's word:
 * the phone's clock may be wrong.
 */
export class Countdown extends Interaction {
    static selector = '.o_book_countdown';

    setup() {
        this.end = Date.now() + 1000 * Number(this.el.dataset.seconds);
    }

    start() {
        this.tick();
    }

    tick() {
        const seconds = Math.max(Math.ceil((this.end - Date.now()) / 1000), 0);
        const [minutes, rest] = [Math.floor(seconds / 60), seconds % 60];
        this.el.querySelector('.o_book_left').textContent =
            `${minutes}:${String(rest).padStart(2, '0')}`;
        this.el.classList.toggle('o_book_over', !seconds);
        if (seconds) {
            this.waitForTimeout(() => this.tick(), 1000);
        }
    }
}

registry.category('public.interactions').add('payment_trpay_booking.countdown', Countdown);
