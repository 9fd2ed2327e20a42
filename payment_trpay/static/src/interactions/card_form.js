import { rpc } from '@web/core/network/rpc';
import { Interaction } from '@web/public/interaction';
import { registry } from '@web/core/registry';

const BIN_LENGTH = 8;
const BRANDS = [
    ['visa', /^4/, 'fa-cc-visa'],
    ['mastercard', /^(5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, 'fa-cc-mastercard'],
    ['amex', /^3[47]/, 'fa-cc-amex'],
    ['troy', /^(9792|65)/, null],
];

const digitsOf = (text) => text.replace(/\D/g, '');

function luhnFits(digits) {
    const sum = [...digits].reverse().reduce((total, digit, place) => {
        const value = Number(digit) * (place % 2 ? 2 : 1);
        return total + (value > 9 ? value - 9 : value);
    }, 0);
    return sum % 10 === 0;
}

/** Month and year of `09/28` or `09/2028`, if that is not over. */
function readExpiry(text) {
    const match = text.trim().match(/^(\d{1,2})\s*[/.-]?\s*(\d{4}|\d{2})$/);
    const month = match ? Number(match[1]) : 0;
    if (month < 1 || month > 12) {
        return null;
    }
    const year = Number(match[2].padStart(4, '20'));
    const now = new Date();
    const isOver = year * 12 + month < now.getFullYear() * 12 + now.getMonth() + 1;
    return isOver ? null : { month: String(month).padStart(2, '0'), year: String(year) };
}

/**
 * The card form. What is typed stays in its fields, goes where the form's action says, and is wiped
 * as soon as it was sent; only the first digits are asked about, for the instalments of the card.
 * Of a card that was saved before, only the number of instalments is chosen here.
 */
export class CardForm extends Interaction {
    static selector = '.o_trpay_card';
    dynamicContent = {
        _root: { 't-on-submit': this.onSubmit },
        _window: { 't-on-pageshow': this.wipe, 't-on-pagehide': this.wipe },
        '.o_trpay_typed': { 't-on-focus': this.onFocus, 't-on-input': this.onInput },
        '#o_card_number': { 't-on-input': this.onNumberInput },
        '#o_card_expiry': { 't-on-input': this.onExpiryInput },
        '.o_trpay_plans': { 't-on-change': this.showTotal },
    };

    setup() {
        this.choices = JSON.parse(this.el.dataset.choices);
        this.testCards = JSON.parse(this.el.dataset.testCards);
        this.bin = '';
        this.lookups = {}; // By first digits: a PSP may refuse to be asked the same again at once.
        this.plans = JSON.parse(this.el.dataset.plans);
        [this.single] = this.plans;
        this.checks = {
            o_card_number: (text) => this.isCardNumber(digitsOf(text)),
            o_card_holder: (text) => text.trim().length > 1,
            o_card_expiry: (text) => Boolean(readExpiry(text)),
            o_card_code: (text) => /^\d{3,4}$/.test(text.trim()),
        };
        this.inputs = Object.keys(this.checks)
            .map((id) => this.el.querySelector(`#${id}`))
            .filter(Boolean);
    }

    start() {
        this.setBusy(false);
        this.showTotal(); // The browser may remember another choice than the server's.
        const [visit] = performance.getEntriesByType('navigation');
        if (this.el.dataset.goesOn && visit?.type === 'navigate') {
            this.el.requestSubmit(); // Who comes back to this page wants to see it.
        }
    }

    setBusy(busy) {
        this.el.querySelector('[type=submit]').disabled = busy;
    }

    isCardNumber(digits) {
        const isCard = digits.length >= 13 && digits.length <= 19 && luhnFits(digits);
        return isCard || this.testCards.includes(digits);
    }

    onNumberInput({ currentTarget: input }) {
        const digits = digitsOf(input.value).slice(0, 19);
        const atEnd = input.selectionStart === input.value.length;
        if (atEnd) {
            input.value = digits.replace(/(\d{4})(?=\d)/g, '$1 ');
        }
        this.showBrand(digits);
        const bin = digits.length < BIN_LENGTH ? '' : digits.slice(0, BIN_LENGTH);
        if (bin !== this.bin) {
            this.bin = bin;
            this.showPlans([this.single]); // Until it is known what this card can do.
            if (bin) {
                this.loadPlans(bin);
            }
        }
    }

    onExpiryInput({ currentTarget: input, inputType }) {
        const digits = digitsOf(input.value);
        if (digits.length === 2 && !input.value.includes('/') && inputType !== 'deleteContentBackward') {
            input.value = `${digits}/`;
        }
    }

    /**
     * Whoever goes to another field is told what is wrong with those before. Not as soon as a field
     * is left: a message that comes or goes while a finger is down moves what it is about to press.
     */
    onFocus({ currentTarget }) {
        for (const input of this.inputs) {
            if (input.value && input !== currentTarget) {
                this.check(input);
            }
        }
    }

    onInput({ currentTarget: input }) {
        if (input.classList.contains('is-invalid') && this.isRight(input)) {
            this.check(input);
        }
    }

    isRight(input) {
        const isLeftOut = !input.required && !input.value.trim();
        return isLeftOut || this.checks[input.id](input.value);
    }

    check(input) {
        const isRight = this.isRight(input);
        input.classList.toggle('is-invalid', !isRight);
        input.setAttribute('aria-invalid', String(!isRight));
        this.el.querySelector(`#${input.id}_error`).classList.toggle('d-none', isRight);
        return isRight;
    }

    showBrand(digits) {
        const brand = BRANDS.find(([, pattern]) => pattern.test(digits));
        const place = this.el.querySelector('.o_trpay_brand');
        const icon = document.createElement('i');
        icon.className = `fa ${(brand && brand[2]) || 'fa-credit-card'}`;
        icon.setAttribute('role', 'img');
        icon.setAttribute('aria-label', brand ? brand[0] : '');
        place.replaceChildren(icon, ...(brand && !brand[2] ? [` ${brand[0]}`] : []));
        place.dataset.brand = brand ? brand[0] : '';
    }

    async loadPlans(bin) {
        this.lookups[bin] ||= rpc(this.el.dataset.plansUrl, { card_bin: bin }, { silent: true });
        let plans;
        try {
            plans = await this.waitFor(this.lookups[bin]);
        } catch {
            return; // The single payment is there.
        }
        if (bin === this.bin) {
            this.showPlans(plans);
        }
    }

    showPlans(plans) {
        const list = this.el.querySelector('.o_trpay_plans');
        const model = list.querySelector('label');
        const items = plans.map(({ count, label }, place) => {
            const item = model.cloneNode(true);
            const radio = item.querySelector('input');
            radio.value = count;
            radio.checked = place === 0;
            item.querySelector('span').textContent = label;
            return item;
        });
        list.replaceChildren(...items);
        this.plans = plans;
        this.showTotal();
    }

    /** What the card will be charged, on the button. */
    showTotal() {
        const button = this.el.querySelector('.o_trpay_pay');
        if (button) {
            button.textContent = this.chosen.pay;
        }
    }

    /** The chosen plan: of some cards, several are of the same number of instalments. */
    get chosen() {
        const radios = [...this.el.querySelectorAll('[name=o_card_plan]')];
        return this.plans[radios.findIndex((radio) => radio.checked)];
    }

    onSubmit(ev) {
        const wrong = this.inputs.filter((input) => !this.check(input));
        if (wrong.length || this.isSent) {
            ev.preventDefault();
            wrong[0]?.focus();
            return;
        }
        this.isSent = true;
        if (this.inputs.length) {
            this.tidyUp();
        }
        this.addChoice();
        this.setBusy(true);
        this.showUnsent(false);
        if (this.el.dataset.leftUrl) {
            ev.preventDefault();
            this.leave();
        } else {
            this.waitForTimeout(() => this.wipe(), 0); // The browser has taken what it sends.
        }
    }

    /** Ask the shop before the card goes to the provider: it may be paid already, or canceled. */
    async leave() {
        const { leftUrl, pageUrl } = this.el.dataset;
        let answer;
        try {
            answer = await this.waitFor(fetch(leftUrl, { method: 'POST' }));
        } catch {
            this.removeChoice();
            this.isSent = false;
            this.setBusy(false);
            this.showUnsent(true);
            return;
        }
        if (answer.status === 204) {
            this.el.submit();
            this.waitForTimeout(() => this.wipe(), 0);
        } else {
            this.wipe();
            window.location.assign(pageUrl); // Which says why.
        }
    }

    showUnsent(isUnsent) {
        this.el.parentElement.querySelector('.o_trpay_unsent').classList.toggle('d-none', !isUnsent);
    }

    /** What was typed, as whoever gets it wants it. */
    tidyUp() {
        const [number, , expiry] = this.inputs;
        const { month, year } = readExpiry(expiry.value) || { month: '', year: '' };
        number.value = digitsOf(number.value);
        this.el.querySelector('.o_trpay_month').value = month;
        this.el.querySelector('.o_trpay_year').value = year;
    }

    /** The fields that go with the chosen plan. */
    addChoice() {
        const { count, fields } = this.chosen;
        for (const [name, value] of Object.entries({ ...this.choices[count], ...fields })) {
            const input = document.createElement('input');
            Object.assign(input, { type: 'hidden', className: 'o_trpay_choice', name, value });
            this.el.append(input);
        }
    }

    removeChoice() {
        for (const choice of this.el.querySelectorAll('.o_trpay_choice')) {
            choice.remove();
        }
    }

    wipe(ev) {
        this.el.reset();
        for (const hidden of this.el.querySelectorAll('.o_trpay_month, .o_trpay_year')) {
            hidden.value = '';
        }
        this.removeChoice();
        if (ev?.type === 'pageshow') {
            this.isSent = false;
            this.setBusy(false);
        }
    }
}

registry.category('public.interactions').add('payment_trpay.card_form', CardForm);
