import { createFakeUserRepository } from "../support/fake-user-repository.ts";
import { describeUserRepository } from "../support/user-repository-contract.ts";

describeUserRepository("The fake in memory", async () => createFakeUserRepository());
