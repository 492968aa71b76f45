import { StateMachine } from '../common/state-machine';

export const SHIPMENT_STATUSES = ['preparing', 'shipped', 'delivered', 'cancelled'] as const;
export type ShipmentStatus = (typeof SHIPMENT_STATUSES)[number];

export const SHIPMENT = new StateMachine<ShipmentStatus>('shipment', SHIPMENT_STATUSES, {
  preparing: ['shipped', 'cancelled'],
  shipped: ['delivered'],
  delivered: [],
  cancelled: [],
});
