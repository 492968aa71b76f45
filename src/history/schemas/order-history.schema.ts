import { Schema, type Types } from 'mongoose';

/** One archived order: the seed's fields, and what readers need so that they never notice. */
export interface ArchivedOrder {
  order_id: string;
  number: string;
  user_id: string;
  total_amount: Types.Decimal128;
  subtotal_amount: Types.Decimal128;
  discount_amount: Types.Decimal128;
  shipping_amount: Types.Decimal128;
  tax_amount: Types.Decimal128;
  currency: string;
  status: string;
  items: { product_id: string; sku: string; name: string; quantity: number; price: Types.Decimal128 }[];
  shipping_address: { id: string; street: string; city: string; state: string; zipCode: string; country: string };
  shipping_method: string;
  checkout_id: string;
  payment_id: string;
  cancel_reason: string | null;
  /** Documents from before there were any lack it. */
  cancel_note?: string | null;
  version: number;
  created_at: Date;
  updated_at: Date;
  completed_at: Date;
  shipment: { shipped_at: Date | null; delivered_at: Date | null } | null;
  metadata: { payment_method: string; shipping_carrier: string | null; tracking_number: string | null };
}

const money = { type: Schema.Types.Decimal128, required: true };

export const ORDER_HISTORY = 'order_history';

export const OrderHistorySchema = new Schema<ArchivedOrder>(
  {
    order_id: { type: String, required: true },
    number: { type: String, required: true },
    user_id: { type: String, required: true },
    total_amount: money,
    subtotal_amount: money,
    discount_amount: money,
    shipping_amount: money,
    tax_amount: money,
    currency: { type: String, required: true },
    status: { type: String, required: true },
    items: [
      {
        _id: false,
        product_id: { type: String, required: true },
        sku: { type: String, required: true },
        name: { type: String, required: true },
        quantity: { type: Number, required: true },
        price: money,
      },
    ],
    shipping_address: { type: Schema.Types.Mixed, required: true },
    shipping_method: { type: String, required: true },
    checkout_id: { type: String, required: true },
    payment_id: { type: String, required: true },
    cancel_reason: { type: String, default: null },
    cancel_note: { type: String, default: null },
    version: { type: Number, required: true },
    created_at: { type: Date, required: true },
    updated_at: { type: Date, required: true },
    completed_at: { type: Date, required: true },
    shipment: { type: Schema.Types.Mixed, default: null },
    metadata: {
      _id: false,
      payment_method: { type: String, required: true },
      shipping_carrier: { type: String, default: null },
      tracking_number: { type: String, default: null },
    },
  },
  { collection: ORDER_HISTORY, versionKey: false, autoIndex: false, bufferCommands: false },
);
