// Typed fields handed out one by one, for whoever prints or compares any record.
namespace SipEmbedded.Text;

/// <summary>Receives the fields of a record in the order of their declaration; those that are not there are left out.</summary>
public interface IFieldVisitor
{
    /// <summary>A piece of the text.</summary>
    void Text(string name, Slice value);

    /// <summary>A number, in the unit that its property states.</summary>
    void Number(string name, ulong value);

    /// <summary>A mark that is there.</summary>
    void Flag(string name);

    /// <summary>A word of a vocabulary, or which alternative was taken, as its number.</summary>
    void Choice(string name, int value);

    /// <summary>The fields of a nested record follow, up to <see cref="EndRecord"/>.</summary>
    void BeginRecord(string name);

    void EndRecord();
}

/// <summary>Receives the values of a header line.</summary>
public interface IValueVisitor : IFieldVisitor
{
    /// <summary>The fields of one value follow, up to <see cref="EndValue"/>.</summary>
    void BeginValue(Slice extent);

    void EndValue();
}
