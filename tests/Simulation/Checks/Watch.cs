// All checks of a run together, put into a world once.
using SipEmbedded.Agent;

namespace SipEmbedded.Simulation;

internal sealed class Watch
{
    private readonly World _world;

    /// <param name="predicts">Transactions are predicted to the millisecond; not possible where pools run out, since what is refused cannot be seen.</param>
    /// <param name="readsMessages">False: only what agents tell their users is checked, and that they give everything back.</param>
    public Watch(World world, bool predicts, bool readsMessages = true)
    {
        _world = world;
        predicts &= readsMessages;
        var tap = new MessageTap();
        Tap = tap;
        Schedule = predicts ? new(tap) : null;
        Outcomes = new();
        Answers = new(tap, mayBeTooLarge: !predicts);
        tap.Add(new GrammarCheck(tap, world.Chance.Fork(3)));
        tap.Add(Answers);
        tap.Add(new SequenceCheck(tap));
        if (Schedule is not null)
            tap.Add(Schedule);
        if (readsMessages)
            world.Add(tap);
        world.Add(Outcomes);
        if (Schedule is not null)
            world.Add(Schedule);
    }

    public MessageTap Tap { get; }

    public ScheduleCheck? Schedule { get; }

    public OutcomeCheck Outcomes { get; }

    public AnswerCheck Answers { get; }

    public void Started(Node node, SipAgentOptions options, AgentPort port) => Schedule?.Watch(node, DrawnOptions.TimersOf(options), () => port.Use);

    public void Commanded(Command command)
    {
        foreach (var check in _world.Checks)
            check.Commanded(command);
        Answers.Commanded(command);
    }
}
