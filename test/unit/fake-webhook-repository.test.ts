import { createFakeWebhookRepository } from "../support/fake-webhook-repository.ts";
import { describeWebhookRepository } from "../support/webhook-repository-contract.ts";

describeWebhookRepository("the fake", async () => {
  const webhooks = createFakeWebhookRepository();
  return {
    webhooks,
    async secretsOf(id) {
      const { secret = "", previousSecret = null } = webhooks.stored(id) ?? {};
      return { secret, previousSecret };
    },
    addDelivery: async (id, delivery) => webhooks.addDelivery(id, delivery),
  };
});
