import { Interaction } from '@web/public/interaction';
import { registry } from '@web/core/registry';

/**
 * The provider's page in a frame of ours: it grows with its content, and when the customer is sent
 * back inside the frame, the whole window follows.
 */
export class PaymentPage extends Interaction {
    static selector = '.o_trpay_page';
    dynamicContent = {
        '.o_trpay_frame': { 't-on-load': this.onFrameLoad },
    };

    async willStart() {
        const { resizerUrl } = this.el.dataset;
        await this.waitFor(this.loadScript(resizerUrl));
    }

    start() {
        // Without the provider's script the frame keeps its own, scrollable height.
        if (window.iFrameResize) {
            const frame = this.el.querySelector('.o_trpay_frame');
            frame.classList.add('o_trpay_frame_fitted');
            window.iFrameResize({}, `#${frame.id}`);
        }
    }

    loadScript(url) {
        return new Promise((resolve) => {
            const script = document.createElement('script');
            script.src = url;
            script.addEventListener('load', resolve);
            script.addEventListener('error', resolve);
            document.head.appendChild(script);
        });
    }

    onFrameLoad(ev) {
        let address;
        try {
            address = ev.currentTarget.contentWindow.location;
            if (address.origin !== window.location.origin) {
                return;
            }
        } catch {
            return; // Still on the provider's site.
        }
        window.location = address.href;
    }
}

registry.category('public.interactions').add('payment_trpay.payment_page', PaymentPage);
