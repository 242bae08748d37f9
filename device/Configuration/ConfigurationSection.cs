// Taking a section's members, each once and by its kind; what is wrong is noted, and a value that is allowed stands in its place, so that the
// rest is looked at too.
using System.Globalization;

namespace SipEmbedded.Device.Configuration;

/// <summary>A section that is being read. <see cref="End"/> names what nobody took.</summary>
internal sealed class ConfigurationSection
{
    private readonly ConfigurationNode _node;
    private readonly List<ConfigurationFault> _faults;

    // In the order they were asked for: what may stand here.
    private readonly List<string> _known = [];

    public ConfigurationSection(ConfigurationNode node, string place, List<ConfigurationFault> faults)
    {
        _node = node;
        Place = place;
        _faults = faults;
    }

    public string Place { get; }

    public int Line => _node.Line;

    /// <summary>Notes a fault of a member that was taken; of the section where it has none of that name.</summary>
    public void Refuse(string name, string explanation)
    {
        int line = _node.Members.FirstOrDefault(member => member.Name == name).Line;
        _faults.Add(new(line > 0 ? line : Line, PlaceOf(name), explanation));
    }

    /// <summary>True where the member is there and not null, which is the same as not there.</summary>
    public bool Has(string name) => Find(name) is not null;

    /// <summary>A text that <paramref name="check"/> finds nothing wrong with (it says what else); null where there is none, or a fault.</summary>
    public string? Text(string name, Func<string, string?> check, bool isRequired = false)
    {
        if (Take(name, isRequired) is not { } node)
            return null;
        return Text(node, PlaceOf(name), check);
    }

    /// <summary>A text whose faults must not show it.</summary>
    public string? HiddenText(string name, Func<string, string?> check)
    {
        if (Take(name) is not { } node)
            return null;
        if (node.Kind != ConfigurationKind.Text)
            Add(node, PlaceOf(name), "it is no text");
        else if (check(node.Text) is { } fault)
            Add(node, PlaceOf(name), fault);
        else
            return node.Text;
        return null;
    }

    /// <summary>A list of such texts, or one alone.</summary>
    public List<string> Texts(string name, int most, Func<string, string?> check)
    {
        List<string> texts = [];
        if (Take(name) is not { } node)
            return texts;
        IReadOnlyList<ConfigurationNode> items = node.Kind == ConfigurationKind.List ? node.Items : [node];
        if (items.Count > most)
            Add(node, PlaceOf(name), $"{items.Count} are too many: at most {most}");
        for (int i = 0; i < items.Count; i++)
        {
            if (Text(items[i], node.Kind == ConfigurationKind.List ? $"{PlaceOf(name)}[{i}]" : PlaceOf(name), check) is { } text)
                texts.Add(text);
        }
        return texts;
    }

    /// <summary>A whole number within bounds.</summary>
    public long Number(string name, long standard, long least, long most, string unit)
    {
        if (Take(name) is not { } node)
            return standard;
        if (node.Kind == ConfigurationKind.Number && long.TryParse(node.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value)
            && value >= least && value <= most)
            return value;
        Add(node, PlaceOf(name), string.Create(CultureInfo.InvariantCulture, $"{node.Shown} is not allowed: {unit} from {least} to {most}"));
        return standard;
    }

    /// <summary>A number from 0 to 1 with at most three digits behind the point, in thousandths (RFC 3261 §25.1, qvalue); null where there is none.</summary>
    public int? Thousandths(string name)
    {
        if (Take(name) is not { } node)
            return null;
        if (node.Kind == ConfigurationKind.Number && decimal.TryParse(node.Text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal value)
            && value is >= 0 and <= 1 && value * 1000 == Math.Truncate(value * 1000))
            return (int)(value * 1000);
        Add(node, PlaceOf(name), $"{node.Shown} is not allowed: a number from 0 to 1, at most three digits behind the point");
        return null;
    }

    public bool Flag(string name, bool standard)
    {
        if (Take(name) is not { } node)
            return standard;
        if (node.Kind == ConfigurationKind.Flag)
            return node.Text == "true";
        Add(node, PlaceOf(name), $"{node.Shown} is not allowed: true or false");
        return standard;
    }

    /// <summary>One of a few words.</summary>
    public T Choice<T>(string name, T standard, params ReadOnlySpan<(string Word, T Value)> choices)
    {
        if (Take(name) is not { } node)
            return standard;
        foreach (var (word, value) in choices)
        {
            if (node.Kind == ConfigurationKind.Text && node.Text == word)
                return value;
        }
        var words = new List<string>();
        foreach (var (word, _) in choices)
            words.Add(word);
        Add(node, PlaceOf(name), $"{node.Shown} is not allowed: {string.Join(", ", words)}");
        return standard;
    }

    /// <summary>A section within; null where there is none.</summary>
    public ConfigurationSection? Section(string name)
    {
        if (Take(name) is not { } node)
            return null;
        if (node.Kind == ConfigurationKind.Section)
            return new(node, PlaceOf(name), _faults);
        Add(node, PlaceOf(name), $"{node.Shown} is not allowed: a section {{…}}");
        return null;
    }

    /// <summary>True where the member is a section, which some may be beside a text.</summary>
    public bool IsSection(string name) => Find(name) is { Kind: ConfigurationKind.Section };

    /// <summary>The sections of a list.</summary>
    public List<ConfigurationSection> Sections(string name, int most, bool isRequired = false)
    {
        List<ConfigurationSection> sections = [];
        if (Take(name, isRequired) is not { } node)
            return sections;
        if (node.Kind != ConfigurationKind.List)
        {
            Add(node, PlaceOf(name), $"{node.Shown} is not allowed: a list of sections [{{…}}, …]");
            return sections;
        }
        if (node.Items.Count > most || isRequired && node.Items.Count == 0)
            Add(node, PlaceOf(name), $"{node.Items.Count} are not allowed: from {(isRequired ? 1 : 0)} to {most}");
        for (int i = 0; i < node.Items.Count; i++)
        {
            string place = $"{PlaceOf(name)}[{i}]";
            if (node.Items[i].Kind == ConfigurationKind.Section)
                sections.Add(new(node.Items[i], place, _faults));
            else
                Add(node.Items[i], place, $"{node.Items[i].Shown} is not allowed: a section {{…}}");
        }
        return sections;
    }

    /// <summary>All members as texts, by names that are free; for sections that are tables.</summary>
    public List<(string Name, string Value)> Table(int most, Func<string, string?> checkName, Func<string, string?> checkValue)
    {
        List<(string, string)> rows = [];
        if (_node.Members.Count > most)
            _faults.Add(new(Line, Place, $"{_node.Members.Count} are too many: at most {most}"));
        foreach (var (name, line, value) in _node.Members)
        {
            _known.Add(name);
            if (checkName(name) is { } fault)
                _faults.Add(new(line, PlaceOf(name), fault));
            else if (Text(value, PlaceOf(name), checkValue) is { } text)
                rows.Add((name, text));
        }
        return rows;
    }

    /// <summary>Names every member that nobody asked for.</summary>
    public void End()
    {
        foreach (var (name, line, _) in _node.Members)
        {
            if (!_known.Contains(name))
                _faults.Add(new(line, PlaceOf(name), $"there is no such member; allowed are {string.Join(", ", _known)}"));
        }
    }

    private string? Text(ConfigurationNode node, string place, Func<string, string?> check)
    {
        if (node.Kind != ConfigurationKind.Text)
            Add(node, place, $"{node.Shown} is no text, which stands in quotes");
        else if (check(node.Text) is { } fault)
            Add(node, place, $"{node.Shown} {fault}");
        else
            return node.Text;
        return null;
    }

    private ConfigurationNode? Take(string name, bool isRequired = false)
    {
        _known.Add(name);
        var node = Find(name);
        if (node is null && isRequired)
            _faults.Add(new(Line, PlaceOf(name), "it is missing"));
        return node;
    }

    private ConfigurationNode? Find(string name) =>
        _node.Members.FirstOrDefault(member => member.Name == name).Value is { Kind: not ConfigurationKind.Null } node ? node : null;

    private void Add(ConfigurationNode node, string place, string explanation) => _faults.Add(new(node.Line, place, explanation));

    private string PlaceOf(string name) => Place.Length == 0 ? name : $"{Place}.{name}";
}
