// Every transaction of every agent is predicted from what the agent was told and got, and held to that: what is sent, when, and when it ends. See
// TransactionModel.cs, note [owed and allowed]. The count of transactions that should be there is compared with the agent's own before time moves.
using SipEmbedded.Agent;
using SipEmbedded.Memory;
using SipEmbedded.Transport;

namespace SipEmbedded.Simulation;

internal sealed class ScheduleCheck(MessageTap tap) : MessageCheck
{
    private sealed class Agent(TransactionTimers timers, Func<AgentUse> use)
    {
        public TransactionTimers Timers { get; } = timers;

        public Func<AgentUse> Use { get; } = use;

        public Dictionary<string, ClientModel> Clients { get; } = new(StringComparer.Ordinal);

        public Dictionary<string, ServerModel> Servers { get; } = new(StringComparer.Ordinal);

        /// <summary>Commands given at this instant that were not seen to be done.</summary>
        public List<Command> Orders { get; } = [];

        /// <summary>Answers to CANCELs that are owed at this instant: the server transaction's key, and the status, 0 where either is right.</summary>
        public List<(string Key, int Status)> CancelAnswers { get; } = [];

        /// <summary>Connections that ended at this instant: requests on them may go over UDP (§18.1.1).</summary>
        public HashSet<Handle<Connection>> Ended { get; } = [];
    }

    private readonly Dictionary<Node, Agent> _agents = [];

    /// <summary>Transactions predicted so far.</summary>
    public long Predicted { get; private set; }

    /// <summary>Begins anew with an agent that was started.</summary>
    public void Watch(Node node, TransactionTimers timers, Func<AgentUse> use) => _agents[node] = new(timers, use);

    public override void Commanded(Command command)
    {
        if (tap.IsTainted || !_agents.TryGetValue(command.Node, out var agent))
            return;
        switch (command.Kind)
        {
            case CommandKind.Cancel:
                foreach (var client in agent.Clients.Values.OfType<ClientInviteModel>())
                {
                    if (Command.KeyOf(client.First.Text!.CallId, client.First.Text.Sequence) == command.Key && !client.IsFailed)
                        client.CancelOrdered();
                }
                break;
            case CommandKind.Response:
                if (agent.Servers.TryGetValue(command.Key, out var server))
                    server.Ordered(command.Status);
                break;
            default:
                agent.Orders.Add(command);
                break;
        }
    }

    public override void Saw(Occurrence occurrence)
    {
        if (occurrence.Node is not { } node || !_agents.TryGetValue(node, out var agent))
            return;
        switch (occurrence.Kind)
        {
            case OccurrenceKind.Lifecycle when !node.IsUp:
                _agents.Remove(node);
                break;
            case OccurrenceKind.Undelivered:
                foreach (var client in agent.Clients.Values)
                {
                    if (!client.IsReliable && client.IsUnheard && client.First.Flow.Remote == occurrence.Flow.Remote)
                        Fail(client, occurrence.Time);
                }
                break;
            case OccurrenceKind.Closed or OccurrenceKind.Closing:
                agent.Ended.Add(occurrence.Flow.Connection);
                foreach (var client in agent.Clients.Values)
                {
                    if (client.IsReliable && client.IsPending && client.First.Flow.Connection == occurrence.Flow.Connection)
                        Fail(client, occurrence.Time);
                }
                break;
        }
    }

    private static void Fail(ClientModel client, Instant now)
    {
        if (client.IsFailed || client.IsUncertain || client.IsOver)
            return;
        if (client.EndsAt(now))
            client.BecomeUncertain(now);
        else
            client.Fail(now);
    }

    public override void Received(MessageSeen message)
    {
        if (tap.IsTainted || message.Text is not { } text || !_agents.TryGetValue(message.Node, out var agent))
            return;
        if (!text.IsRequest)
        {
            if (agent.Clients.TryGetValue(text.ClientKey, out var client) && !client.IsFailed && !client.IsOver)
                Hand(client, message);
            return;
        }
        agent.Servers.TryGetValue(text.ServerKey, out var server);
        if (server is { IsOver: true })
            server = null;
        if (text.Method == "ACK")
            Acknowledge(agent, server, message);
        else if (text.Method == "CANCEL")
        {
            agent.Servers.TryGetValue($"{text.Branch} {text.SentBy} INVITE", out var invite);
            bool isThere = invite is { IsOver: false };
            bool isUncertain = isThere && (invite!.IsUncertain || invite.EndsAt(message.Time));
            agent.CancelAnswers.Add((text.ServerKey, isUncertain ? 0 : isThere ? 200 : 481));
        }
        else if (server is not null)
            Hand(server, message);
        else
        {
            Predicted++;
            agent.Servers[text.ServerKey] = text.IsInvite ? new ServerInviteModel(agent.Timers, message) : new ServerRequestModel(agent.Timers, message);
        }
    }

    private void Hand(TransactionModel model, MessageSeen message)
    {
        if (model.IsUncertain)
            return;
        if (model.EndsAt(message.Time))
            model.BecomeUncertain(message.Time);
        else
            Complain(model.Got(message));
    }

    private static void Acknowledge(Agent agent, ServerModel? byBranch, MessageSeen ack)
    {
        var server = byBranch as ServerInviteModel
            ?? agent.Servers.Values.OfType<ServerInviteModel>().FirstOrDefault(one => !one.IsOver && one.AcceptedAs == ServerInviteModel.AckKeyOf(ack.Text!));
        if (server is null || server.IsUncertain)
            return;
        if (server.EndsAt(ack.Time))
            server.BecomeUncertain(ack.Time);
        else
            server.GotAck(ack.Time);
    }

    public override void Sent(MessageSeen message)
    {
        if (tap.IsTainted || message.Text is not { } text || !_agents.TryGetValue(message.Node, out var agent))
            return;
        if (!text.IsRequest)
            SentResponse(agent, message, text);
        else if (text.Method == "ACK")
            SentAck(agent, message, text);
        else
            SentRequest(agent, message, text);
    }

    private void SentRequest(Agent agent, MessageSeen message, SipText text)
    {
        if (agent.Clients.TryGetValue(text.ClientKey, out var client))
        {
            bool fallsBack = client.IsReliable && client.IsUnheard && !message.Flow.IsReliable && agent.Ended.Contains(client.First.Flow.Connection);
            if (!fallsBack)
            {
                Complain(client.Sent(message));
                return;
            }
            var again = Model(agent, message, text);
            if (client is ClientInviteModel { WantsCancel: true })
                (again as ClientInviteModel)?.CancelOrdered();
            agent.Clients[text.ClientKey] = again;
            return;
        }
        if (text.Method == "CANCEL")
        {
            if (!agent.Clients.TryGetValue($"{text.Branch} INVITE", out var invite))
                throw Failure($"{message} cancels nothing");
            Complain(((ClientInviteModel)invite).CancelSent(message));
        }
        else if (!TakeOrder(agent, CommandKind.Request, text))
            throw Failure($"{message} was sent at {message.Time.Ticks / 10000.0} ms and nobody ordered it");
        Predicted++;
        agent.Clients.Add(text.ClientKey, Model(agent, message, text));
    }

    private static ClientModel Model(Agent agent, MessageSeen message, SipText text) =>
        text.IsInvite ? new ClientInviteModel(agent.Timers, message) : new ClientRequestModel(agent.Timers, message);

    private void SentAck(Agent agent, MessageSeen message, SipText text)
    {
        if (agent.Clients.TryGetValue($"{text.Branch} INVITE", out var client) && client is ClientInviteModel { IsAccepted: false } invite)
            Complain(invite.SentAck(message));
        else if (!TakeOrder(agent, CommandKind.Ack, text))
            throw Failure($"{message} acknowledges what nobody wanted acknowledged");
    }

    private void SentResponse(Agent agent, MessageSeen message, SipText text)
    {
        if (text.Method == "CANCEL")
        {
            int owed = agent.CancelAnswers.FindIndex(one => one.Key == text.ServerKey && (one.Status == text.Status || one.Status == 0));
            if (owed < 0)
                throw Failure($"{message} answers a CANCEL otherwise than it should, or once more");
            agent.CancelAnswers.RemoveAt(owed);
            return;
        }
        if (!agent.Servers.TryGetValue(text.ServerKey, out var server))
            throw Failure($"{message} answers no request that it has");
        Complain(server.Sent(message));
    }

    private static bool TakeOrder(Agent agent, CommandKind kind, SipText text)
    {
        int order = agent.Orders.FindIndex(one => one.Kind == kind && one.Method == text.Method && one.Key == Command.KeyOf(text.CallId, text.Sequence));
        if (order >= 0)
            agent.Orders.RemoveAt(order);
        return order >= 0;
    }

    public override void TimeMoves(Instant from, Instant to)
    {
        if (tap.IsTainted)
            return;
        foreach (var (node, agent) in _agents)
            TimeMoves(node, agent, from);
    }

    private void TimeMoves(Node node, Agent agent, Instant from)
    {
        if (agent.Orders.Count > 0)
            throw Failure($"{node.Name} was ordered a {agent.Orders[0].Method} ({agent.Orders[0].Key}) and did not send it");
        if (agent.CancelAnswers.Count > 0)
            throw Failure($"{node.Name} did not answer a CANCEL ({agent.CancelAnswers[0]})");
        agent.Ended.Clear();
        int clients = Sweep(agent.Clients, from, out bool isSure);
        int servers = Sweep(agent.Servers, from, out bool isSureToo);
        if (!isSure || !isSureToo)
            return;
        var use = agent.Use();
        if (use.ClientTransactions != clients)
            throw Failure($"{node.Name} has {use.ClientTransactions} client transactions and should have {clients}: {List(agent.Clients.Values)}");
        if (use.ServerTransactions != servers)
            throw Failure($"{node.Name} has {use.ServerTransactions} server transactions and should have {servers}: {List(agent.Servers.Values)}");
    }

    private int Sweep<T>(Dictionary<string, T> models, Instant from, out bool isSure)
        where T : TransactionModel
    {
        isSure = true;
        List<string>? over = null;
        foreach (var (key, model) in models)
        {
            Complain(model.TimeMoves(from));
            if (model.IsOver)
                (over ??= []).Add(key);
            isSure &= !model.IsUncertain || model.IsOver;
        }
        over?.ForEach(key => models.Remove(key));
        return models.Count;
    }

    private static string List(IEnumerable<TransactionModel> models) => string.Join("; ", models);

    private void Complain(string? complaint)
    {
        if (complaint is not null)
            throw Failure(complaint);
    }
}
